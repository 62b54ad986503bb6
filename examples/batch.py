"""A batch: many inputs of one model under one id, admitted and paid as a whole. Needs
RUNFLOW_API_KEY.
"""

from runflow_client import Runflow

pictures = [
    "https://example.com/shoe.jpg",
    "https://example.com/lamp.jpg",
    "https://example.com/chair.jpg",
]

with Runflow() as client:
    handle = client.batches.create(
        "runflow/background-removal",
        [
            {"image_url": url, "client_ref": f"picture-{number}"}
            for number, url in enumerate(pictures)
        ],
    )
    batch = handle.wait(
        on_update=lambda seen: print(f"{seen.items_succeeded or 0} of {seen.items_total} done")
    )
    for item in client.batches.items(batch.id):
        print(f"{item.client_ref}: {item.status} {item.failure_message or ''}")
    print(*batch.save_all("cut-out"), sep="\n")
