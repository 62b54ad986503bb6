"""Commands in scenes: other answers, terminals and pipes, what one command leaves to the next."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen
from runflow_client.testing import sign

from .command_list import ID, IN_WORDS, JOURNAL, MODEL, RUN, SILENT

ALONE: Final = {
    f"runs get {ID}": (
        *("client_ref", "completed_at", "cost", "created_at", "duration_ms", "failure_code"),
        *("failure_message", "nodes_completed", "nodes_total"),
    ),
    f"batches get {ID}": ("items_succeeded", "items_total"),
    f"assets get {ID}": ("name", "mime_type", "url"),
    f"evaluations get {ID}": ("overall_passed", "weighted_pass_rate"),
}
"""Fields that are missing alone, while others that are shown beside them are there."""
ROWS: Final = {
    "runs list": ("status_code", "created_at", "cost", "client_ref"),
    "batches list": ("status_code", "items_total", "items_failed", "cost"),
    f"batches items {ID}": ("status_code", "run_id", "cost"),
    "assets list": ("name", "mime_type", "size_bytes", "created_at"),
    "evaluations list": ("status_code", "overall_passed", "weighted_pass_rate", "created_at"),
    "secrets list": ("label", "key_prefix", "last_used_at"),
    "workflows list": ("slug", "name"),
    f"callbacks deliveries {ID}": ("status_code", "attempt_count", "attempts", "callback_url"),
}
"""Fields of a row, each of which is missing in a row of its own."""
ONE_LESS: Final = "another field is missing in each row"
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
    ONE_LESS: {},
    "all is nought": {
        **dict.fromkeys(("balance", "cost"), "0"),
        **dict.fromkeys(("attempt_count", "duration_ms", "items_failed", "items_succeeded"), 0),
        **dict.fromkeys(("items_total", "nodes_completed", "nodes_total", "size_bytes"), 0),
        **dict.fromkeys(("is_current", "overall_passed"), False),
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
    "it made nothing": {"output": {"outputs": []}},
    "it did not pass": {"overall_passed": False},
    "no answer to a callback": {"attempts": [{"error_message": "no answer"}]},
    "a late answer to a callback": {"attempts": [{"status_code": 503, "error_message": "late"}]},
    "an output that is no page": {
        "output": {
            "outputs": [
                {"url": "file:///etc/passwd", "type": "image"},
                {"url": "https://a.test/1.png", "type": "image"},
            ]
        }
    },
    "a client_ref that was made up": {"client_ref": "runflow-cli-7"},
    "a client_ref that the client made up": {"client_ref": "runflow-client-7"},
    "texts of several lines": {"name": "a\tlamp\n at  dusk", "client_ref": "order\n7"},
    "no status": dict.fromkeys(("status_code", "level_code")),
    **{f"no {name}": {name: None} for names in ALONE.values() for name in names},
    "an e-mail address": {"email": "me@a.test"},
    "it took two minutes": {"duration_ms": 125_400},
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
    browser: bool = True
    """Whether there is one."""
    key: bool = True
    """Whether there is one for the API."""

    def __str__(self) -> str:
        """Name it in the list."""
        facts = [f"runflow {self.text}"]
        facts += [self.answers] if self.answers else []
        facts += [] if self.typed is None else [f"in a terminal of {self.columns} columns"]
        facts += [f"typed {self.typed!r}"] if self.typed else []
        facts += [f"piped {self.piped!r}"] if self.piped else []
        facts += ["interrupted"] if self.interrupted else []
        facts += [] if self.browser else ["without a browser"]
        facts += [] if self.key else ["without a key"]
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
VIDEO: Final = "alibaba/wan/v2.7/text-to-video"
ESTIMATED: Final = (f"{VIDEO} --duration 5", VIDEO, "google/veo3.1 --duration 8s")
"""Models with a price that is known, is not known, and is at least so much."""
NOTHING_MUCH: Final = (
    "--seed 0 --no-sync-mode --metadata nothing.json",
    "-i seed=0 -i sync_mode=false --client-ref ",
    "--sync-mode --output-format=png",
)
"""Options whose values are 0, false, or empty."""
BATCH: Final = f"batches create {MODEL} prompts.jsonl --unchecked"
UNCHECKED: Final = ("", " --unchecked")
LENGTHS: Final = ("--dry-run", "--max-cost 0", "--dry-run --max-cost 0 --json")
ASK: Final = f"run {MODEL} --prompt lamp --num-images 9"
BULK: Final = f"bulk run rows.csv --model {MODEL}"
ANIMALS: Final = f"bulk run animals.csv --model {MODEL}"
ROTATE: Final = "secrets rotate --file rotated"
LISTS: Final = (
    *("runs list", "batches list", "assets list", "evaluations list"),
    *(f"runs logs {ID}", f"batches items {ID}"),
)
EMPTY_OF_RUN: Final = ("-o", "--metadata", "--input", "--max-cost", "-i", "--detach -o")
EMPTY: Final = (
    *("models list --kind", "workflows list -q", "runs list --status", "runs list --client-ref"),
    *("runs list --since", "runs list -q", "batches list --status", "evaluations list --status"),
    *("secrets create --label", "secrets create --to", ROTATE.removesuffix(" rotated")),
    *("assets upload lamp.png --name", f"runs wait {ID} -o", f"runs save {ID} -o"),
    *(f"callbacks reconcile --{name}" for name in ("client-ref", "callback-url", "since")),
    "callbacks verify metadata.json --signature 00 --secret-file",
    *(f"{RUN} {option}" for option in EMPTY_OF_RUN),
    *(f"{BATCH} --yes --detach {option}" for option in ("--callback-url", "--max-cost")),
)
"""Commands with an option whose value is empty."""
TOGETHER: Final = (
    f"{MODEL} --input input.json -i seed=7 --output-format png",
    f"{MODEL} --prompt lamp --max-cost 0.15 --client-ref order-7 --callback-url https://me.test/",
    f"--sync-mode {MODEL} --prompt lamp --client-ref order-7",
)
"""Where the input comes from, and what is given besides."""
KEYLESS: Final = (
    "balance",
    ROTATE,
    RUN,
    f"{BULK} -o b/ --yes --journal journal-6",
    "api get_run id=7",
)

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
    *(
        Scene(f"run {VIDEO} --prompt lamp --duration {seconds}") for seconds in (10, 11)
    ),  # $1.00, and more
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
        f"{ANIMALS} -o b/ --template prompt={{animal}} --journal journal-$4 --yes --concurrency 1",
        "it has failed",
    ),
    Scene(
        f"{ANIMALS} -o b/ --template prompt={{animal}} --journal journal-5 --yes --concurrency 1 "
        "--stop-after 1",
        "it has failed",
    ),
    *(Scene(text, "all is nought") for text in READ),
    Scene(f"run {MODEL} --prompt lamp --callback-url http://me.test/ --detach"),
    *(Scene(text) for text in ("--help", "runs -h", "runs list -h")),
    *(
        Scene(text, "little is known", typed="", columns=40, term="xterm")
        for text in READ
        if text.endswith(" list")
    ),
    *(Scene("runs list", typed="", columns=columns, term="xterm") for columns in (79, 78)),
    Scene("models search unheard of", typed="", columns=12),
    *(Scene(text, "texts of several lines") for text in ("runs list", "assets list")),
    *(
        Scene(text, "no status")
        for text in (
            *(f"runs logs {ID}", f"callbacks redeliver {ID}", "runs list", f"runs get {ID}"),
            *(f"batches get {ID}", f"evaluations get {ID}"),
        )
    ),
    *(Scene(text, f"no {name}") for text, names in ALONE.items() for name in names),
    *(Scene("whoami", answers) for answers in ("an e-mail address", "little is known")),
    Scene("runs list --since 2026-06-01T00:00Z"),
    Scene("callbacks reconcile --since 2026-06-01T00:00Z"),
    Scene("callbacks reconcile --since 2026-05-01T00:00Z --callback-url https://other.test/"),
    *(Scene(f"models search {words}") for words in ("Upscale IMAGE", "google/nano-banana-po")),
    Scene("models show acme/$HOME"),
    *(Scene(f"{RUN} {option}") for option in ("--max-cost 0", "--timeout 0")),
    Scene(f"{RUN} --resolution 3K --num-images 0 --sede 7"),
    Scene(f"{RUN} --resolution 3K -i sede=7"),
    Scene("run ideogram/v3 --prompt lamp --style-codes 0A1B2C3D --style REALISTIC"),
    *(Scene(f"estimate {given} --prompt x") for given in ESTIMATED),
    *(
        Scene(f"{BATCH} {options}")
        for options in ("--max-cost 0.30", "--max-cost 0.29", "--max-cost 0", "--timeout 0")
    ),
    *(Scene(f"batches create {MODEL} prompts.jsonl{ends}", typed="y\n") for ends in UNCHECKED),
    Scene(f"batches create {MODEL} inputs.jsonl --yes --unchecked --detach"),
    Scene(f"batches create {VIDEO} lengths.jsonl --unchecked --max-cost 9"),
    Scene(f"batches wait {ID} --timeout 0"),
    Scene("evaluations create --image-url  --task-type edit"),
    *(
        Scene(text)
        for text in ("--nonsense", "runs --nonsense", "api get_run id=", "api get_run 7")
    ),
    Scene("api create_evaluation --body webhook.json"),
    *(Scene(f"secrets rotate --file new --quiet-for {seconds}") for seconds in (0, -5, 3600)),
    *(Scene(f"{RUN} --detach {options}") for options in NOTHING_MUCH),
    Scene(f"{BATCH} --yes --callback-url me.test"),
    Scene(f"bulk retry {JOURNAL}"),
    Scene(f"bulk run animals.csv --model {MODEL} -o b/ --template input.json --dry-run"),
    Scene("callbacks verify metadata.json --signature  --secret-file secrets.env"),
    *(Scene(f"assets upload lamp.png {rest}") for rest in ("none.png", "metadata.json --name x")),
    *(Scene(f"api get_run id={one}") for one in (SILENT, IN_WORDS)),
    *(Scene(ASK, typed=typed) for typed in ("\n", "YES \n", "what\nno\n", "what\n")),
    Scene(f"runs save {ID} -o all/"),
    *(
        Scene(text, "half of it was made")
        for text in (
            f"runs wait {ID} -o two.png",
            f"runs wait {ID} -o two.png --overwrite",
            f"runs save {ID} -o -",
            f"runs open {ID} --quiet",
        )
    ),
    Scene(f"runs open {ID}", "half of it was made", browser=False),
    *(Scene(f"bulk run {rows}.csv --model {MODEL} -o b/ --dry-run") for rows in ("20", "22")),
    *(Scene(text, key=False) for text in KEYLESS),
    *(
        Scene(f"runs wait {ID}{rest}", "it made nothing")
        for rest in (" -o none.png", " --quiet -o none.png", "")
    ),
    *(Scene(f"bulk run lengths.jsonl --model {VIDEO} -o b/ {option}") for option in LENGTHS),
    *(Scene(f"{text} --limit 1") for text in LISTS),
    *(Scene(f"{text} ") for text in EMPTY),
    Scene(f"runs get {ID}", "it took two minutes"),
    Scene(f"batches items {ID}", typed="", term="xterm"),
    Scene(f"runs save {ID} -o all"),  # a folder, without a slash
    Scene("secrets create --label december --to labelled"),
    Scene("secrets create --to missing/secret"),
    Scene("assets upload lamp.png made"),
    *(Scene(f"run {given} --detach") for given in TOGETHER),
    *(
        Scene(f"run {given}=@{file} --client-ref order-7 --yes --detach")
        for given in (f"{MODEL}/edit --prompt x -i image_urls", "acme/newer -i image_url")
        for file in ("lamp.png", "none.png")
    ),
    Scene(f"{RUN} -i prompt=@x"),
    Scene(f"run {MODEL} -i prompt=@x --client-ref order-7 --detach"),
    Scene(f"run {MODEL} --input input.json -i prompt=x"),
    *(Scene(text) for text in ("models search unheard -- --quiet", "models show -- --debug")),
    Scene("models search google/nano-banana-po at dusk"),
    *(Scene(text) for text in (f"{ASK} --detach", "run google/veo3.1 --prompt x --duration 4s")),
    Scene("run ideogram/v3 -", piped='{"prompt": null, "style_codes": "0A1B2C3D", "style": null}'),
    Scene("api --list", typed="", columns=79),
    *(Scene(f"{RUN} -i {pair}") for pair in ("seed=x", "sede=@none.png", "sede={")),
    Scene("run acme/newer -i prompt=@none.png --yes"),
    *(Scene(text) for text in ("runs load", f"{ROTATE} --quit")),
    Scene(
        "callbacks verify metadata.json --headers - --secret-file secrets.env",
        piped='{"Runflow-Signature": 7}',
    ),
    Scene(f"{BATCH} --callback-url me.test", typed="y\n"),
    Scene("runs list", "a client_ref that the client made up"),
    Scene("workflows get acme/poster", "all is nought"),
    Scene(f"runs open {ID} --json", "half of it was made"),
    Scene(
        f"callbacks verify - --signature {sign(EVENT.encode(), SECRET)} --secret-file secrets.env "
        "--json",
        piped=EVENT,
    ),
    Scene(f"{ANIMALS} -o b/ --template prompt={{animal}} --dry-run --json"),
    Scene(
        f"{ANIMALS} -o b/ --template prompt={{animal}} --journal journal-7 --yes --concurrency 1 "
        "--json"
    ),
    Scene("bulk retry journal-5 --json"),
    *(Scene(text, ONE_LESS) for text in ROWS),
    Scene("api create_webhook body=x"),
    Scene(f"api get_run id={SILENT} --json"),
    Scene("evaluations create --input evaluation.json --prompt  --detach"),
    Scene("assets upload lamp.png made --name "),
)
"""What the list has besides, one after another in one folder."""
