"""Edit a photo of yours: a path stands where the model takes an image URL. Needs
RUNFLOW_API_KEY.
"""

import sys
from pathlib import Path

from runflow_client import Runflow, inputs

with Runflow() as client:
    photo = Path(sys.argv[1] if len(sys.argv) > 1 else "photo.jpg")
    run = client.run(
        inputs.GoogleNanoBananaProEdit(prompt="Make it golden hour", image_urls=[photo])
    )
    for path in run.save_all("edited"):
        print(f"saved {path}")
