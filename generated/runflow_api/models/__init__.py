"""The schemas of the document, each loaded when it is first asked for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .asset import Asset
    from .asset_page import AssetPage
    from .asset_update import AssetUpdate
    from .asset_upload_confirm import AssetUploadConfirm
    from .asset_upload_create import AssetUploadCreate
    from .asset_upload_session import AssetUploadSession
    from .batch import Batch
    from .batch_callback_delivery import BatchCallbackDelivery
    from .batch_callback_event import BatchCallbackEvent
    from .batch_callback_output import BatchCallbackOutput
    from .batch_callback_payload import BatchCallbackPayload
    from .batch_callback_status import BatchCallbackStatus
    from .batch_create import BatchCreate
    from .batch_created import BatchCreated
    from .batch_item import BatchItem
    from .batch_item_handle import BatchItemHandle
    from .batch_item_input import BatchItemInput
    from .batch_item_page import BatchItemPage
    from .batch_item_status import BatchItemStatus
    from .batch_page import BatchPage
    from .batch_status import BatchStatus
    from .callback_attempt import CallbackAttempt
    from .callback_event import CallbackEvent
    from .callback_payload import CallbackPayload
    from .callback_secret import CallbackSecret
    from .callback_secret_create import CallbackSecretCreate
    from .callback_secret_created import CallbackSecretCreated
    from .callback_secret_page import CallbackSecretPage
    from .callback_secret_update import CallbackSecretUpdate
    from .callback_status import CallbackStatus
    from .comfyui_workflow import ComfyuiWorkflow
    from .comfyui_workflow_page import ComfyuiWorkflowPage
    from .credit_balance import CreditBalance
    from .credit_balance_update import CreditBalanceUpdate
    from .error_detail import ErrorDetail
    from .error_response import ErrorResponse
    from .evaluation import Evaluation
    from .evaluation_create import EvaluationCreate
    from .evaluation_issue import EvaluationIssue
    from .evaluation_job_class import EvaluationJobClass
    from .evaluation_judge import EvaluationJudge
    from .evaluation_page import EvaluationPage
    from .evaluation_reference_image import EvaluationReferenceImage
    from .evaluation_status import EvaluationStatus
    from .feedback import Feedback
    from .flow import Flow
    from .flow_node_run import FlowNodeRun
    from .flow_node_run_page import FlowNodeRunPage
    from .health import Health
    from .json_object import JsonObject
    from .membership_context import MembershipContext
    from .membership_organization import MembershipOrganization
    from .model import Model
    from .model_creator import ModelCreator
    from .model_creator_page import ModelCreatorPage
    from .model_example import ModelExample
    from .model_example_page import ModelExamplePage
    from .model_input import ModelInput
    from .model_input_page import ModelInputPage
    from .model_output import ModelOutput
    from .model_output_page import ModelOutputPage
    from .model_page import ModelPage
    from .public_model import PublicModel
    from .public_model_page import PublicModelPage
    from .readiness import Readiness
    from .run import Run
    from .run_callback_delivery import RunCallbackDelivery
    from .run_create import RunCreate
    from .run_evaluation_summary import RunEvaluationSummary
    from .run_failure_stage import RunFailureStage
    from .run_log import RunLog
    from .run_log_page import RunLogPage
    from .run_page import RunPage
    from .run_source import RunSource
    from .run_status import RunStatus
    from .run_target_type import RunTargetType
    from .user_embed import UserEmbed
    from .user_profile import UserProfile
    from .webhook import Webhook
    from .webhook_create import WebhookCreate
    from .webhook_delivery import WebhookDelivery
    from .webhook_delivery_attempt import WebhookDeliveryAttempt
    from .webhook_delivery_attempt_page import WebhookDeliveryAttemptPage
    from .webhook_delivery_page import WebhookDeliveryPage
    from .webhook_event_subscription import WebhookEventSubscription
    from .webhook_page import WebhookPage
    from .webhook_update import WebhookUpdate
else:
    from ..lazy import exports

    __getattr__, __dir__ = exports(
        __name__,
        {
            "Asset": ".asset",
            "AssetPage": ".asset_page",
            "AssetUpdate": ".asset_update",
            "AssetUploadConfirm": ".asset_upload_confirm",
            "AssetUploadCreate": ".asset_upload_create",
            "AssetUploadSession": ".asset_upload_session",
            "Batch": ".batch",
            "BatchCallbackDelivery": ".batch_callback_delivery",
            "BatchCallbackEvent": ".batch_callback_event",
            "BatchCallbackOutput": ".batch_callback_output",
            "BatchCallbackPayload": ".batch_callback_payload",
            "BatchCallbackStatus": ".batch_callback_status",
            "BatchCreate": ".batch_create",
            "BatchCreated": ".batch_created",
            "BatchItem": ".batch_item",
            "BatchItemHandle": ".batch_item_handle",
            "BatchItemInput": ".batch_item_input",
            "BatchItemPage": ".batch_item_page",
            "BatchItemStatus": ".batch_item_status",
            "BatchPage": ".batch_page",
            "BatchStatus": ".batch_status",
            "CallbackAttempt": ".callback_attempt",
            "CallbackEvent": ".callback_event",
            "CallbackPayload": ".callback_payload",
            "CallbackSecret": ".callback_secret",
            "CallbackSecretCreate": ".callback_secret_create",
            "CallbackSecretCreated": ".callback_secret_created",
            "CallbackSecretPage": ".callback_secret_page",
            "CallbackSecretUpdate": ".callback_secret_update",
            "CallbackStatus": ".callback_status",
            "ComfyuiWorkflow": ".comfyui_workflow",
            "ComfyuiWorkflowPage": ".comfyui_workflow_page",
            "CreditBalance": ".credit_balance",
            "CreditBalanceUpdate": ".credit_balance_update",
            "ErrorDetail": ".error_detail",
            "ErrorResponse": ".error_response",
            "Evaluation": ".evaluation",
            "EvaluationCreate": ".evaluation_create",
            "EvaluationIssue": ".evaluation_issue",
            "EvaluationJobClass": ".evaluation_job_class",
            "EvaluationJudge": ".evaluation_judge",
            "EvaluationPage": ".evaluation_page",
            "EvaluationReferenceImage": ".evaluation_reference_image",
            "EvaluationStatus": ".evaluation_status",
            "Feedback": ".feedback",
            "Flow": ".flow",
            "FlowNodeRun": ".flow_node_run",
            "FlowNodeRunPage": ".flow_node_run_page",
            "Health": ".health",
            "JsonObject": ".json_object",
            "MembershipContext": ".membership_context",
            "MembershipOrganization": ".membership_organization",
            "Model": ".model",
            "ModelCreator": ".model_creator",
            "ModelCreatorPage": ".model_creator_page",
            "ModelExample": ".model_example",
            "ModelExamplePage": ".model_example_page",
            "ModelInput": ".model_input",
            "ModelInputPage": ".model_input_page",
            "ModelOutput": ".model_output",
            "ModelOutputPage": ".model_output_page",
            "ModelPage": ".model_page",
            "PublicModel": ".public_model",
            "PublicModelPage": ".public_model_page",
            "Readiness": ".readiness",
            "Run": ".run",
            "RunCallbackDelivery": ".run_callback_delivery",
            "RunCreate": ".run_create",
            "RunEvaluationSummary": ".run_evaluation_summary",
            "RunFailureStage": ".run_failure_stage",
            "RunLog": ".run_log",
            "RunLogPage": ".run_log_page",
            "RunPage": ".run_page",
            "RunSource": ".run_source",
            "RunStatus": ".run_status",
            "RunTargetType": ".run_target_type",
            "UserEmbed": ".user_embed",
            "UserProfile": ".user_profile",
            "Webhook": ".webhook",
            "WebhookCreate": ".webhook_create",
            "WebhookDelivery": ".webhook_delivery",
            "WebhookDeliveryAttempt": ".webhook_delivery_attempt",
            "WebhookDeliveryAttemptPage": ".webhook_delivery_attempt_page",
            "WebhookDeliveryPage": ".webhook_delivery_page",
            "WebhookEventSubscription": ".webhook_event_subscription",
            "WebhookPage": ".webhook_page",
            "WebhookUpdate": ".webhook_update",
        },
    )

__all__ = [
    "Asset",
    "AssetPage",
    "AssetUpdate",
    "AssetUploadConfirm",
    "AssetUploadCreate",
    "AssetUploadSession",
    "Batch",
    "BatchCallbackDelivery",
    "BatchCallbackEvent",
    "BatchCallbackOutput",
    "BatchCallbackPayload",
    "BatchCallbackStatus",
    "BatchCreate",
    "BatchCreated",
    "BatchItem",
    "BatchItemHandle",
    "BatchItemInput",
    "BatchItemPage",
    "BatchItemStatus",
    "BatchPage",
    "BatchStatus",
    "CallbackAttempt",
    "CallbackEvent",
    "CallbackPayload",
    "CallbackSecret",
    "CallbackSecretCreate",
    "CallbackSecretCreated",
    "CallbackSecretPage",
    "CallbackSecretUpdate",
    "CallbackStatus",
    "ComfyuiWorkflow",
    "ComfyuiWorkflowPage",
    "CreditBalance",
    "CreditBalanceUpdate",
    "ErrorDetail",
    "ErrorResponse",
    "Evaluation",
    "EvaluationCreate",
    "EvaluationIssue",
    "EvaluationJobClass",
    "EvaluationJudge",
    "EvaluationPage",
    "EvaluationReferenceImage",
    "EvaluationStatus",
    "Feedback",
    "Flow",
    "FlowNodeRun",
    "FlowNodeRunPage",
    "Health",
    "JsonObject",
    "MembershipContext",
    "MembershipOrganization",
    "Model",
    "ModelCreator",
    "ModelCreatorPage",
    "ModelExample",
    "ModelExamplePage",
    "ModelInput",
    "ModelInputPage",
    "ModelOutput",
    "ModelOutputPage",
    "ModelPage",
    "PublicModel",
    "PublicModelPage",
    "Readiness",
    "Run",
    "RunCallbackDelivery",
    "RunCreate",
    "RunEvaluationSummary",
    "RunFailureStage",
    "RunLog",
    "RunLogPage",
    "RunPage",
    "RunSource",
    "RunStatus",
    "RunTargetType",
    "UserEmbed",
    "UserProfile",
    "Webhook",
    "WebhookCreate",
    "WebhookDelivery",
    "WebhookDeliveryAttempt",
    "WebhookDeliveryAttemptPage",
    "WebhookDeliveryPage",
    "WebhookEventSubscription",
    "WebhookPage",
    "WebhookUpdate",
]
