"""The commands and scenes whose requests, texts and codes are written down."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen
from runflow_client.testing import sign

ID: Final = "00000000-0000-7000-8000-000000000001"
DENIED: Final = "00000000-0000-7000-8000-000000000403"
"""The id of what the key may not read."""
GONE: Final = "00000000-0000-7000-8000-000000000404"
"""The id of what does not exist any more."""
MODEL: Final = "google/nano-banana-pro"

JOURNAL: Final = "rows.csv.journal.sqlite"
VERBS: Final = ("get", "wait")
RUN: Final = f"run {MODEL} --prompt lamp"
CREATES: Final = (
    RUN,
    "batches create runflow/background-removal inputs.jsonl --yes",
    "evaluations create --input evaluation.json",
)
OUTPUTS: Final = (
    "lamp.png",
    "lamp.png/",
    "none/x.png",
    "circle",
    "nowhere --overwrite",
    "/dev/null --overwrite",
    "-",
)
"""Where nothing can be saved; with --json not on stdout, either."""

COMMANDS: Final = (
    f"run {MODEL} --prompt lamp",
    f"run {MODEL} --prompt lamp --num-images 9",
    f"run {MODEL} --prompt lamp --num-images 9 --yes -o made",
    f"run {MODEL}/edit --prompt lamp --image-urls lamp.png --client-ref order-7 -o saved.png",
    f"run {MODEL} --prompt lamp --max-cost 0.10",
    f"run {MODEL} --prompt lamp --metadata metadata.json --callback-url https://me.test/ --detach",
    f"run {MODEL} --prompt lamp --callback-url me.test",
    f"run {MODEL} --promt lamp",
    f"run {MODEL} --prompt lamp --resolution 3K",
    f"run {MODEL} - --input metadata.json",
    "run lamp --prompt lamp",
    "run acme/newer -i prompt=lamp -i count=7 --max-cost 1",
    "run acme/newer -i prompt=lamp --yes",
    f"estimate {MODEL} --prompt lamp --num-images 2 --resolution 4K",
    "models list --kind audio",
    "models search upscale image",
    "workflows list",
    "workflows get acme/poster",
    "runs list",
    "runs list --status failed --client-ref order-7 --since 2026-05-01T00:00Z --limit 3",
    "runs list --since yesterday",
    "runs list --status done",
    f"runs get {ID}",
    f"runs wait {ID} -o run.png",
    f"runs wait {ID} -o run.png",
    f"runs wait {ID} -o run.png --overwrite",
    *(f"{kind} {verb} {DENIED}" for kind in ("runs", "batches") for verb in ("get", "wait")),
    f"evaluations wait {DENIED}",
    *(f"{kind} {verb} {GONE}" for kind in ("runs", "batches", "evaluations") for verb in VERBS),
    *(f"runs {verb} {GONE}" for verb in ("logs", "save", "open")),
    f"callbacks redeliver {GONE}",
    f"assets delete {GONE}",
    *(f"{create} --detach --timeout 60" for create in CREATES),
    *(f"{work} -o {output}" for output in OUTPUTS for work in (f"runs save {ID}", RUN)),
    f"{RUN} --detach -o x.png",
    f"{RUN} --detach --show",
    f"bulk run . --model {MODEL} -o circle",
    "secrets rotate --file circle",
    "secrets rotate --file none/secrets",
    "secrets rotate --file metadata.json",
    f"runs logs {ID} --limit 5",
    f"runs save {ID} -o all/",
    "batches create runflow/background-removal inputs.jsonl --yes",
    "batches create runflow/background-removal inputs.jsonl --max-cost 0.01",
    "batches create runflow/background-removal inputs.jsonl --detach --yes",
    "batches list --status running",
    f"batches get {ID}",
    f"batches wait {ID}",
    f"batches items {ID} --limit 5",
    "assets upload lamp.png",
    "assets list",
    f"assets get {ID}",
    f"assets delete {ID}",
    "evaluations create --image-url https://a.test/1.png --task-type text_to_image --prompt x",
    "evaluations list",
    f"evaluations get {ID}",
    f"evaluations wait {ID}",
    f"callbacks deliveries {ID}",
    f"callbacks deliveries --batch {ID}",
    f"callbacks redeliver {ID}",
    f"callbacks redeliver --batch {ID}",
    "callbacks reconcile --client-ref order-7 --callback-url https://me.test/callbacks",
    "callbacks reconcile",
    "callbacks verify metadata.json --signature 00",
    "secrets list",
    "secrets create --label december",
    "secrets create --to secret",
    "balance",
    "whoami",
    "api list_runs limit=3 sort_by=created_at:desc",
    "api get_model owner=google id=nano-banana-pro",
    "api get_modle",
    "api get_model owner=google",
    "api get_run run_id=7",
    f"run {MODEL} --prompt lamp --resolution 3K --unchecked --timeout 60 -o saved.png --overwrite",
    f"estimate {MODEL} --input input.json",
    "estimate acme/newer -i prompt=lamp",
    f"models show {MODEL}",
    *(f"models show {model}" for model in ("openai/gpt-image-1.5", "ideogram/v3", "google/veo3.1")),
    "workflows list -q poster",
    "runs list -q nodes_total>3 --status failed",
    f"runs wait {ID} --timeout 60",
    f"runs save {ID} -o all/ --overwrite",
    "batches create runflow/background-removal inputs.jsonl --yes --timeout 60 "
    "--callback-url https://me.test/",
    "batches list -q items_total>3 --limit 2",
    f"batches wait {ID} --timeout 60",
    "assets upload lamp.png --name lantern.png",
    "assets list -q size_bytes>3 --limit 2",
    "evaluations create --input evaluation.json --detach",
    "evaluations create --input evaluation.json --timeout 60",
    "evaluations list --status failed -q overall_passed:false --limit 2",
    f"evaluations wait {ID} --timeout 60",
    "callbacks verify metadata.json --headers headers.json --secret-file secrets.env",
    "callbacks reconcile --since 2026-05-01T00:00Z --callback-url https://me.test/callbacks",
    "api create_webhook --body webhook.json",
    "api --list",
    "api",
    "api get_balance --body webhook.json",
    "api create_webhook",
    "api list_runs limit=3 limit=4",
    "api list_runs limti=3",
    "api list_runs body=x",
    "models list --kind text",
    "models show acme/newer",
    "models show",
    "evaluations create --task-type edit",
    "evaluations create --image-url https://a.test/1.png",
    "evaluations create --input metadata.json --image-url https://a.test/1.png --task-type edit",
    "evaluations create --input evaluation.json --task-type text_to_image --prompt y --detach",
    "batches create runflow/background-removal inputs.jsonl --yes --max-cost x",
    "batches create runflow/background-removal unknown.jsonl --yes --detach",
    "batches create runflow/background-removal rows.csv --yes",
    "batches create runflow/background-removal none.jsonl --yes",
    "batches create runflow/background-removl inputs.jsonl --yes --detach",
    f"batches create {MODEL} inputs.jsonl --yes",
    "assets upload none.png",
    "assets upload .",
    "callbacks verify none.json --signature 00",
    "callbacks verify metadata.json",
    "callbacks verify metadata.json --signature 00 --headers headers.json",
    "callbacks verify metadata.json --headers rows.csv --secret-file secrets.env",
    "callbacks verify metadata.json --signature 00 --secret-file empty",
    f"{RUN} --metadata rows.csv",
    f"{RUN} --metadata empty",
    f"{RUN} --metadata none.json",
    f"{RUN} --max-cost cheap",
    f"{RUN} --timeout -1",
    f"{RUN} --seed 7 -i seed=8",
    f"{RUN} --input input.json",
    f"{RUN} -i {{",
    f"{RUN} more",
    "runs list --limit 0",
    "runs list --nonsense",
    "runs lits",
    "runs",
    f"bulk export {JOURNAL} --format xml",
    f"bulk export {JOURNAL} -o out.txt",
    f"bulk report {JOURNAL} --thumbnails -1",
    "bulk status none.sqlite",
    f"bulk run none.csv --model {MODEL} -o bulk/",
    f"bulk run inputs.jsonl --model {MODEL} -o bulk/ --key none",
    "nonsense",
)


ANSWERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "": {},
    "little is known": dict.fromkeys(
        (
            *("balance", "client_ref", "completed_at", "cost", "created_at", "duration_ms"),
            *("failure_code", "failure_message", "items_succeeded", "items_total", "key_prefix"),
            *("label", "last_used_at", "mime_type", "name", "nodes_completed", "nodes_total"),
            *("overall_passed", "size_bytes", "url", "weighted_pass_rate"),
        )
    ),
    "all is nought": {
        **dict.fromkeys(("balance", "cost"), "0"),
        **dict.fromkeys(("attempt_count", "duration_ms", "items_failed", "items_succeeded"), 0),
        **dict.fromkeys(("items_total", "nodes_completed", "nodes_total", "size_bytes"), 0),
        "overall_passed": False,
        "weighted_pass_rate": 0,
    },
    "there is nothing": {"items": []},
    "it has failed": {"status_code": "failed", "output": None, "cost": None},
    "it was canceled": {"status_code": "canceled", "output": None, "cost": None},
    "half of it was made": {
        "status_code": "partial_succeeded",
        "output": {
            "outputs": [{"url": f"FILES/{number}.png", "type": "image"} for number in (1, 2)]
        },
    },
    "it did not pass": {"overall_passed": False},
    "no answer to a callback": {"attempts": [{"error_message": "no answer"}]},
    "a late answer to a callback": {"attempts": [{"status_code": 503, "error_message": "late"}]},
    "an output that is no page": {
        "output": {"outputs": [{"url": "file:///etc/passwd", "type": "image"}]}
    },
    "a client_ref that was made up": {"client_ref": "runflow-cli-7"},
}
"""Fields that are otherwise in every answer."""


@frozen
class Scene:
    """A command, what the server answers, and where it runs."""

    text: str
    answers: str = ""
    """One of ANSWERS."""
    typed: str | None = None
    """What is typed in a terminal; None for a pipe."""
    piped: str = ""
    """What comes through a pipe."""
    columns: int = 120
    """Of the terminal."""
    term: str = "dumb"
    """Its kind. A dumb one shows bars as they are in the end."""
    interrupted: bool = False
    """Whether Ctrl-C is pressed when a page is opened."""

    def __str__(self) -> str:
        """Name it in the list."""
        facts = [f"runflow {self.text}"]
        facts += [self.answers] if self.answers else []
        facts += [] if self.typed is None else [f"in a terminal of {self.columns} columns"]
        facts += [f"typed {self.typed!r}"] if self.typed else []
        facts += [f"piped {self.piped!r}"] if self.piped else []
        facts += ["interrupted"] if self.interrupted else []
        return ", ".join(facts)


READ: Final = (
    *("runs list", f"runs get {ID}", "batches list", f"batches get {ID}", "balance"),
    *("assets list", f"assets get {ID}", "evaluations list", f"evaluations get {ID}"),
    *(f"callbacks deliveries {ID}", "secrets list", "workflows list", f"runs logs {ID}"),
)
"""Commands that show what they read."""

EVENT: Final = '{"event": "run.completed", "run_id": "r-7", "status": "succeeded"}'
SECRET: Final = "RUNFLOW_CALLBACK_SECRET=whsec_x"
"""The line of secrets.env, which is a secret as it is."""
VIDEO: Final = "run alibaba/wan/v2.7/text-to-video --prompt lamp"
ASK: Final = f"run {MODEL} --prompt lamp --num-images 9"
BULK: Final = f"bulk run rows.csv --model {MODEL}"
ANIMALS: Final = f"bulk run animals.csv --model {MODEL}"

SCENES: Final = (
    *(Scene(text, "little is known") for text in READ),
    *(Scene(text, "there is nothing") for text in READ if text.endswith(" list")),
    *(
        Scene(text, typed="", term="xterm")
        for text in (*READ, "models list --kind audio", "whoami")
    ),
    *(
        Scene(text, typed="", columns=40, term="xterm")
        for text in ("runs list", "secrets list", f"run {MODEL}", f"models show {MODEL}")
    ),
    Scene("models search unheard of"),
    *(
        Scene(f"{text} --help")
        for text in (
            f"run {MODEL}/edit",
            "run alibaba/wan/v2.7/image-to-video",
            *("run acme/newer", "api", "models search", "mock", "bulk run", "callbacks verify"),
        )
    ),
    *(Scene(ASK, typed=typed) for typed in ("y\n", "n\n", "")),
    *(Scene(f"{ASK} {option}", typed="y\n") for option in ("--quiet", "--json")),
    Scene(f"{RUN} -- --json"),
    Scene(f"{RUN} --quiet -o quiet.png"),
    Scene("run acme/newer -i prompt=lamp", typed="y\n"),
    *(Scene(f"{VIDEO} --duration {seconds}") for seconds in (10, 11)),  # $1.00, and more
    Scene("batches create runflow/background-removal inputs.jsonl", typed="n\n"),
    Scene(f"run {MODEL} --prompt lamp --show", typed=""),
    Scene(f"run {MODEL} --prompt lamp -o -", typed=""),
    Scene(f"run {MODEL} --prompt lamp -o piped.png", typed=""),
    *(
        Scene(f"callbacks verify - --signature {signature} --secret-file secrets.env", piped=EVENT)
        for signature in (sign(EVENT.encode(), SECRET), "00")
    ),
    Scene("callbacks verify - --headers headers.json --secret-file secrets.env"),
    Scene(f"run {MODEL} - --yes", piped='{"prompt": "piped"}'),
    Scene("batches create runflow/background-removal - --yes", piped='\n{"image_url": "x"}\n[]'),
    Scene(  # a separator of lines for Python, and none for JSON
        "batches create runflow/background-removal - --yes --detach",
        piped='\n{"image_url": "https://a.test/\u2028.png"}\r\n',
    ),
    *(
        Scene(text, answers)
        for answers in ("it has failed", "it was canceled", "half of it was made")
        for text in (f"run {MODEL} --prompt lamp", f"runs wait {ID} -o two.png", f"runs get {ID}")
    ),
    Scene(f"runs save {ID} -o two/", "half of it was made"),
    Scene(f"runs save {ID}", "it has failed"),
    Scene(f"runs open {ID}", "it has failed"),
    Scene(f"runs open {ID}", "half of it was made"),
    Scene(f"runs open {ID}", "an output that is no page"),
    Scene(f"runs open {ID}", "half of it was made", interrupted=True),
    Scene(f"batches wait {ID}", "it has failed"),
    Scene(f"batches wait {ID}", "half of it was made"),
    Scene(f"evaluations wait {ID}", "it has failed"),
    Scene(f"evaluations wait {ID}", "it did not pass"),
    Scene(f"callbacks deliveries {ID}", "no answer to a callback"),
    Scene(f"callbacks deliveries {ID}", "a late answer to a callback"),
    Scene("runs list", "a client_ref that was made up"),
    Scene(f"{BULK} -o bulk/ --dry-run"),
    Scene(f"{BULK} -o bulk/"),
    Scene(f"{BULK} -o bulk/ --strict --yes"),
    Scene(f"{BULK} -o bulk/ --max-cost 0.20 --concurrency 1"),
    Scene(f"bulk status {JOURNAL}"),
    Scene(f"{BULK} -o bulk/ --yes --concurrency 1"),
    Scene(f"{BULK} -o bulk/ --yes --concurrency 1 --json"),
    Scene(f"bulk status {JOURNAL}"),
    Scene(f"bulk status {JOURNAL} --json"),
    Scene(f"bulk retry {JOURNAL}"),
    Scene(f"bulk export {JOURNAL}"),
    Scene(f"bulk export {JOURNAL} -o of-the-journal.jsonl"),
    Scene(f"bulk export {JOURNAL} -o of-the-journal.jsonl"),
    Scene(f"bulk export {JOURNAL} -o of-the-journal.jsonl --overwrite --format csv --json"),
    Scene("bulk export rows.csv"),
    Scene(f"{BULK} -o rows.csv"),
    Scene(f"bulk run . --model {MODEL} -o bulk/"),
    Scene(f"{BULK} -o bulk/ --rate 0"),
    Scene(f"{BULK} -o bulk/ --template "),
    Scene(f"{BULK} -o b/ --template prompt=x --template prompt=y"),
    Scene(f"{BULK} -o b/ --template {{"),
    Scene(
        f"{BULK} -o o/ --journal journal-3 --max-cost-each 0.1 --unchecked --yes --concurrency 1"
    ),
    Scene(f"{ANIMALS} -o b/ --template prompt=A-{{animal}} --dry-run"),
    Scene(f"{ANIMALS} -o b/ --key animal --journal journal-2 --stop-after 1 --yes"),
    Scene("bulk run animals.csv --model acme/newer -o b/ --dry-run"),
    Scene("bulk run animals.csv --model acme/newer -o b/ --max-cost 1"),
    Scene(f"bulk run empty.csv --model {MODEL} -o b/ --yes"),
    *(
        Scene(f"{BULK} -o more/ --concurrency 1 --journal {journal}", typed=typed)
        for typed, journal in (("n\n", "journal-1"), ("y\n", "journal-1"))
    ),
    Scene(f"{BULK} -o none/ --concurrency 1 --journal none", typed="y\n"),  # which is a folder then
    Scene(
        f"{ANIMALS} -o b/ --template prompt={{animal}} --journal journal-4 --yes --concurrency 1",
        "it has failed",
    ),
    Scene(
        f"{ANIMALS} -o b/ --template prompt={{animal}} --journal journal-5 --yes --concurrency 1 "
        "--stop-after 1",
        "it has failed",
    ),
    *(Scene(text, "all is nought") for text in READ),
    Scene(f"run {MODEL} --prompt lamp --callback-url http://me.test/ --detach"),
)
"""What the list has besides, one after another in one folder."""
