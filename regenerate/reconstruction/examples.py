"""An example for each request body.

The one of a run is the example that the page of Nano Banana Pro shows.
"""

from typing import Final

_PICTURE_URL: Final = "https://assets.example.com/pictures/cathedral.png"
_PROMPT: Final = (
    "A cathedral made entirely of stained glass, viewed from inside looking up at the rose "
    "window ceiling. "
    "Sunlight streams through panels depicting vineyard scenes with grapes and golden wheat. "
    "The floor reflects rainbow light patterns. Photorealistic, shot on medium format camera, "
    "golden hour"
)

EXAMPLES: Final[dict[str, object]] = {
    "RunCreate": {"input": {"prompt": _PROMPT}, "callback_url": "https://your-server.com/webhook"},
    "BatchCreate": {
        "input": [
            {"image_url": "https://assets.example.com/shoes/front.jpg", "client_ref": "shoe-front"},
            {"image_url": "https://assets.example.com/shoes/side.jpg", "client_ref": "shoe-side"},
        ],
        "metadata": {"collection": "autumn"},
        "callback_url": "https://your-server.com/webhook",
    },
    "EvaluationCreate": {
        "generated_image_url": _PICTURE_URL,
        "task_type": "text-to-image",
        "generation_prompt": _PROMPT,
        "reference_images": [
            {
                "url": "https://assets.example.com/pictures/window.jpg",
                "kind": "style",
                "description": "The glass",
            }
        ],
        "client_ref": "cathedral-1",
        "job_class": "standard",
    },
    "Feedback": {"is_positive": True, "reason": "The light is right."},
    "AssetUploadCreate": {
        "filename": "cathedral.png",
        "mime_type": "image/png",
        "size_bytes": 1048576,
    },
    "AssetUploadConfirm": {"folder_id": None},
    "AssetUpdate": {"name": "cathedral-final.png"},
    "CallbackSecretCreate": {"label": "production"},
    "CallbackSecretUpdate": {"label": "production 2027", "is_current": True},
    "WebhookCreate": {"url": "https://your-server.com/webhook"},
    "WebhookUpdate": {"url": "https://your-server.com/webhook/2"},
    "CreditBalanceUpdate": {"low_balance_threshold": 25},
}
