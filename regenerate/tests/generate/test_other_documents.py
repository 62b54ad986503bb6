"""Clients of other services are made by the whole pipeline and work over a real socket."""

import datetime
import json
import subprocess
import sys
from email.parser import BytesParser
from email.policy import HTTP
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from ...document.json_tree import JSONObject
from ..archive_document import COLLECTIONS
from ..packages import CALLS, Package
from ..wire_server import Received, WireServer

ID = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"
WARD: JSONObject = {
    "name": "A",
    "parts": [{"name": "A1", "parts": [{"name": "A11"}]}],
    "by_floor": {"2": {"name": "A2"}},
}
CAT: JSONObject = {"species": "cat", "name": "Mia", "lives": 10, "weight_kg": None}
DOG: JSONObject = {
    "species": "dog",
    "name": "Rex",
    "chipped": True,
    "friends": [CAT, {"species": "axolotl", "gills": 6}],
}
PATIENT: JSONObject = {
    "id": ID,
    "animal": DOG,
    "ward": WARD,
    "urgency": "2nd day",
    "level": None,
    "bills": ["a", 1],
    "keeper_or_home": {"address": {"street": "Main"}},
    "mood": None,
    "2fa": True,
    "$schema": "s",
    "@type": "t",
    "new": {},
}
PDF = b"%PDF-1.7\n\xff\x00\n--+++--\r\n"
PARCEL: JSONObject = {
    "id": "p1",
    "object": "parcel",
    "status": "on_the_way",
    "to": {"lines": ["x"], "country": "NL", "x-a": "b"},
}


def answered(
    server: WireServer, package: Package, name: str, *path: Any, how: str = "sync", **more: Any
) -> Any:
    """Call an operation with the next answer of the server."""
    return package.call(how, name, *path, client=package.client.Client(server.url), **more)


def parts(request: Received) -> list[tuple[object, object, str, object]]:
    """Return the parts of a multipart body, as a parser that is not ours reads them."""
    head = f"Content-Type: {request.header('Content-Type')}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ]


@pytest.mark.parametrize("how", CALLS)
def test_a_discriminated_union_with_inheritance_is_read(
    hospital: Package, server: WireServer, how: str
) -> None:
    patients: list[JSONObject] = [
        PATIENT,
        {**PATIENT, "animal": CAT, "ward": None},
        {**PATIENT, "animal": {"species": "newt"}},
    ]
    server.answer(200, json.dumps({"items": patients, "next": None, "counts": {"all": 3}}).encode())
    page = answered(server, hospital, "patients_keepers.list_patients", how=how)
    page = page.parsed if how.endswith("detailed") else page
    assert page.to_dict() == {"items": patients, "next": None, "counts": {"all": 3}}
    dog, cat, newt = (patient.animal for patient in page.items)
    assert (dog.chipped, dog.friends[0].lives, dog.friends[1]["gills"], cat.lives) == (
        True,
        10,
        6,
        10,
    )
    assert type(dog.friends[0]) is type(cat)
    assert type(dog) is not type(cat)
    assert (newt["species"], page.items[1].ward, page.items[0].level) == ("newt", None, None)
    assert page.items[0].additional_properties == {"new": {}}


def test_a_tree_is_read_to_its_leaves(hospital: Package, server: WireServer) -> None:
    server.answer(200, json.dumps(WARD).encode())
    ward = answered(server, hospital, "class_.list_wards")
    assert ward.parts[0].parts[0].name == "A11"
    assert ward.by_floor.additional_properties["2"].name == "A2"
    assert type(ward.parts[0]) is type(ward)
    assert ward.to_dict() == WARD


def test_arrays_headers_and_cookies_are_sent(hospital: Package, server: WireServer) -> None:
    server.answer(200, b'{"items": []}')
    species = hospital.models.ListPatientsSpeciesItem
    answered(
        server,
        hospital,
        "patients_keepers.list_patients",
        species=[species.CAT, species("axolotl")],
        tag=["a b", "c"],
        weights=[1.5, 2],
        born_after=datetime.date(2020, 1, 2),
        seen_since=datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
        client_query="me",
        class_="first",
        accept_language="nl",
        x_trace_id=UUID(ID),
        session="s t",
        visits=3,
    )
    assert server.last.target == (
        "/patients?born_after=2020-01-02&class=first&client=me&seen_since=2026-01-02T00%3A00%3A00%2B00%3A00"
        "&species=cat&species=axolotl&tag%5B%5D=a+b&tag%5B%5D=c&weights=1.5&weights=2"
    )
    sent = {name: server.last.header(name) for name in ("Accept-Language", "X-Trace-Id", "Cookie")}
    assert sent == {"Accept-Language": "nl", "X-Trace-Id": ID, "Cookie": "session=s%20t; visits=3"}


def test_files_are_uploaded(hospital: Package, server: WireServer) -> None:
    models, file = hospital.models, hospital.types.File
    server.answer(201, b'[{"id": "1", "kind": "x-ray", "size": 9007199254740993}]')
    body = models.CreatePatientXRayBody(
        pictures=[
            file(BytesIO(b"\x89PNG"), "a.png", "image/png"),
            file(BytesIO(b"\xff\xd8"), "b.jpg", "image/jpeg"),
        ],
        taken_at=datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
        device=models.CreatePatientXRayBodyDevice(
            maker="M", settings=models.JsonObject({"kV": 70})
        ),
        notes=["x", "y"],
    )
    (kept,) = answered(server, hospital, "files.create_patient_x_ray", UUID(ID), body=body)
    assert (kept.size, kept.kind.is_known) == (9007199254740993, True)
    assert server.last.target == f"/patients/{ID}/x-rays"
    assert parts(server.last) == [
        ("pictures", "a.png", "image/png", b"\x89PNG"),
        ("pictures", "b.jpg", "image/jpeg", b"\xff\xd8"),
        ("taken_at", None, "text/plain", b"2026-01-02T00:00:00+00:00"),
        ("device", None, "application/json", b'{"maker": "M", "settings": {"kV": 70}}'),
        ("notes", None, "text/plain", b"x"),
        ("notes", None, "text/plain", b"y"),
    ]


@pytest.mark.parametrize("how", ["sync", "asyncio"])
def test_files_are_downloaded(hospital: Package, server: WireServer, how: str) -> None:
    ending = hospital.models.GetXRayEnding.PNG
    server.answer(200, b"\x89PNG\r\n", "image/png")
    picture = answered(
        server, hospital, "files.get_x_ray", "a.b", ending, how=how, range_="bytes=0-"
    )
    assert (picture.payload.read(), picture.mime_type) == (b"\x89PNG\r\n", "image/png")
    assert (server.last.target, server.last.header("Range")) == ("/x-rays/a.b.png", "bytes=0-")
    server.answer(404, b'{"code": "gone", "inner": {"code": "lost"}}', "application/problem+json")
    with pytest.raises(hospital.errors.ErrorStatus) as caught:
        answered(server, hospital, "files.get_x_ray", "a", ending, how=how)
    assert caught.value.parsed.inner.code == "lost"


def test_of_several_content_types_the_one_that_came_or_was_given_counts(
    hospital: Package, server: WireServer
) -> None:
    report = {"month": "2026-01", "lines": [["a", 1.5, True], []]}
    server.answer(200, json.dumps(report).encode())
    assert (
        answered(server, hospital, "files.get_report_monthly", month="2026-01").to_dict() == report
    )
    server.answer(200, b"a;b", "text/csv")
    csv = answered(server, hospital, "files.get_report_monthly", month="2026-01")
    assert (csv.payload.read(), csv.mime_type) == (b"a;b", "text/csv")
    server.answer(200, json.dumps(PATIENT).encode())
    name = "patients_keepers.replace_patient"
    answered(
        server,
        hospital,
        name,
        UUID(ID),
        body=hospital.models.ReplacePatientBody(keeper="K", urgency=None),
    )
    assert (server.last.header("Content-Type"), server.last.body) == (
        "application/json",
        b'{"keeper":"K","urgency":null}',
    )
    answered(server, hospital, name, UUID(ID), body=hospital.types.File(BytesIO(b"<keeper/>")))
    assert (server.last.header("Content-Type"), server.last.body) == (
        "application/xml",
        b"<keeper/>",
    )


def test_a_json_value_that_holds_itself_goes_both_ways(
    hospital: Package, server: WireServer
) -> None:
    value = {"a": [1, [None, {"b": "c"}]], "d": None}
    server.answer(200, json.dumps(value).encode())
    assert answered(server, hospital, "default.list_settings").to_dict() == value
    server.answer(200, b'{"x": [1, 2]}')
    body = hospital.models.UpdateSettingBody.from_dict(value)
    assert answered(
        server, hospital, "default.update_setting", body=body
    ).additional_properties == {"x": [1, 2]}
    assert (server.last.method, json.loads(server.last.body)) == ("PATCH", value)
    assert server.last.header("Content-Type") == "application/merge-patch+json"


def test_unions_by_constant_keep_what_is_new(parcels: Package, server: WireServer) -> None:
    events: list[dict[str, Any]] = [
        {
            "type": "scanned",
            "at": "2026-01-02T03:04:05+00:00",
            "place": {"lines": [], "country": "BE", "geo": [1, 2]},
        },
        {"type": "handed", "to": "N", "signature": None},
        {"type": "eaten", "by": "dog"},
    ]
    events.append({"type": "failed", "reason": "nobody", "cause": events[2]})
    server.answer(200, json.dumps(events).encode())
    scanned, handed, eaten, failed = found = answered(
        server, parcels, "parcels.list_parcel_events", "p 1"
    )
    assert server.last.target == "/parcels/p%201/events"
    assert (scanned.place.geo, handed.to, handed.signature) == ([1, 2], "N", None)
    assert type(eaten) is type(failed.cause) is parcels.free_form.UnknownVariant
    assert [event.to_dict() for event in found] == events


def test_a_union_is_told_apart_by_its_discriminator_alone(
    parcels: Package, server: WireServer
) -> None:
    goods: JSONObject = {
        "kind": "Goods",
        "items": [{"value": {"amount": "1.50", "currency": "EUR"}}],
    }
    contents: list[JSONObject] = [
        goods,
        {"kind": "Letter", "pages": 2},
        {"kind": "Plant", "pages": 2},
    ]
    server.answer(
        200, json.dumps({"data": [{**PARCEL, "contents": one} for one in contents]}).encode()
    )
    page = answered(server, parcels, "parcels.list_parcels")
    first, letter, plant = (parcel.contents for parcel in page.data)
    assert (first.items[0].value.amount, letter.pages, plant) == ("1.50", 2, contents[2])
    assert type(letter) is not type(plant)


def test_a_union_without_a_mark_takes_what_fits(parcels: Package, server: WireServer) -> None:
    folder: JSONObject = {
        "name": "a",
        "parent": {"name": "b"},
        "entries": [{"title": "t", "bytes": 1}, {"name": "c", "entries": []}],
    }
    server.answer(200, json.dumps(folder).encode())
    found = answered(server, parcels, "documents.get_folder", "a")
    assert (found.parent.name, found.entries[0].bytes_, found.entries[1].entries) == ("b", 1, [])
    assert type(found.entries[1]) is type(found) is not type(found.entries[0])
    assert found.to_dict() == folder


def test_arrays_and_type_lists_of_3_1_are_sent(parcels: Package, server: WireServer) -> None:
    server.answer(200, b'{"data": []}')
    sort = parcels.models.ListParcelsSort("+created")
    answered(
        server,
        parcels,
        "parcels.list_parcels",
        status=["delivered", "lost"],
        ids=[UUID(ID)],
        sort=sort,
        limit=None,
    )
    assert server.last.target == f"/parcels?ids={ID}&sort=%2Bcreated&status=delivered&status=lost"


def test_files_of_3_1_go_both_ways(parcels: Package, server: WireServer) -> None:
    file, models = parcels.types.File, parcels.models
    server.answer(201, json.dumps(PARCEL).encode())
    parcel = models.CreateParcelBody(
        to=models.CreateParcelBodyTo(lines=["x"], country="NL"), weight="1 kg"
    )
    body = models.CreateParcelBodyMultipartFormData(
        parcel=parcel, label=file(BytesIO(PDF), "l.pdf", "application/pdf")
    )
    assert answered(server, parcels, "parcels.create_parcel", body=body).to_dict() == PARCEL
    sent = b'{"to": {"country": "NL", "lines": ["x"]}, "weight": "1 kg"}'
    assert parts(server.last) == [
        ("parcel", None, "application/json", sent),
        ("label", "l.pdf", "application/pdf", PDF),
    ]
    answered(server, parcels, "parcels.create_parcel", body=parcel)
    assert json.loads(server.last.body) == json.loads(sent)
    server.answer(204)
    assert (
        answered(server, parcels, "parcels.replace_parcel_label", "p", body=file(BytesIO(PDF)))
        is None
    )
    assert (server.last.header("Content-Type"), server.last.body) == ("application/pdf", PDF)
    server.answer(200, PDF, "application/pdf")
    assert answered(server, parcels, "parcels.get_parcel_label", "p").payload.read() == PDF
    server.answer(200, b'{"url": "https://x"}')
    assert answered(server, parcels, "parcels.get_parcel_label", "p").url == "https://x"


def test_a_file_says_which_of_several_content_types_it_is(
    parcels: Package, server: WireServer
) -> None:
    server.answer(207, b"event: done\n\n", "text/event-stream")
    lines = parcels.types.File(BytesIO(b"{}\n"), mime_type="application/x-ndjson")
    for body, sent in (
        ("a,b", "text/csv"),
        (lines, "application/x-ndjson"),
        (b"", "application/octet-stream"),
    ):
        content = parcels.types.File(BytesIO(body)) if isinstance(body, bytes) else body
        assert answered(server, parcels, "import_.create_import", body=content) == "event: done\n\n"
        assert server.last.header("Content-Type") == sent


def test_an_error_of_a_range_is_read(parcels: Package, server: WireServer) -> None:
    server.answer(503, b'{"status": 503, "title": "Busy"}', "application/problem+json")
    with pytest.raises(parcels.errors.ErrorStatus) as caught:
        answered(server, parcels, "parcels.list_parcels")
    assert caught.value.parsed.title == "Busy"


def test_the_payload_of_a_webhook_is_a_class(parcels: Package) -> None:
    payload = {"event": "parcel.delivered", "parcel": PARCEL}
    read = parcels.models.ParcelDeliveredWebhookBody.from_dict(payload)
    assert (read.event, read.parcel.status) == ("parcel.delivered", "on_the_way")
    assert read.to_dict() == payload


def test_300_operations_are_there_and_one_imports_few_models(
    archive: Package, server: WireServer
) -> None:
    modules = [
        module for module in (archive.path / "api").glob("*/*.py") if module.name != "__init__.py"
    ]
    assert len(modules) == 6 * len(COLLECTIONS) == 300
    code = (
        "import sys; import archive_api.api.maps.list_maps; print(sum('.models.' in name for "
        "name in sys.modules))"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    loaded = subprocess.run(
        command, cwd=archive.path.parent, capture_output=True, text=True, check=True
    ).stdout
    assert int(loaded) < 12
    found = {"kind": "copy", "of": [{"kind": "scan", "pages": 2}]}
    map_ = {"id": ID, "title": "T", "state": "lent", "found": [found], "beside": None, "year": None}
    server.answer(200, json.dumps({"items": [map_], "next": None}).encode())
    page = answered(
        server, archive, "maps.list_maps", state=[archive.models.ListAlbumsStateItem.LENT]
    )
    assert server.last.target == "/v1/maps?state=lent"
    assert page.to_dict()["items"] == [map_]
    assert page.items[0].found[0].of[0].pages == 2
