"""The checks before each action, as data, so that the documentation prints the checks that run.

A further check is a row here and a fact in `facts`; a further kind of thing is a table.
"""

from typing import Final, TypeVar

from bedrock_lifecycle.preflight.checks import (
    asked_model,
    base_model,
    customized,
    data,
    model_key,
    quotas,
    service_role,
)
from bedrock_lifecycle.preflight.facts import (
    DeploymentFacts,
    JobFacts,
    PromotedModelFacts,
    PurchaseFacts,
    RunFacts,
    ServedFacts,
)
from bedrock_lifecycle.preflight.report import Check

_QUOTA = "servicequotas:GetServiceQuota"
_MODEL = ("bedrock:GetFoundationModel", "bedrock:ListFoundationModels")
_THROUGHPUTS = "bedrock:ListProvisionedModelThroughputs"
_SIMULATE = ("iam:SimulatePrincipalPolicy",)

Keyed = TypeVar("Keyed", bound=JobFacts | ServedFacts | PromotedModelFacts)
Bought = TypeVar("Bought", bound=JobFacts | PurchaseFacts)
Served = TypeVar("Served", bound=ServedFacts)


def _key() -> Check[Keyed]:
    return Check(
        "key",
        "key",
        "it does not exist, is not enabled, or is not a symmetric one",
        ("kms:DescribeKey",),
        lambda facts: data.key(facts.key_arn, facts.key),
    )


def _units_without_commitment() -> Check[Bought]:
    return Check(
        "units-without-commitment",
        "model units without commitment",
        "the account would have more than its quota for all custom models, with those in use",
        (_QUOTA, _THROUGHPUTS),
        lambda facts: quotas.units_without_commitment(facts.units),
    )


def _model_key() -> Check[Served]:
    return Check(
        "model-key",
        "the model's key",
        "the model is encrypted with a key whose models this environment does not serve",
        ("bedrock:GetCustomModel",),
        lambda facts: model_key.served(facts.model_key),
    )


TRAINING: Final[tuple[Check[JobFacts], ...]] = (
    Check(
        "base-model",
        "base model",
        "it is legacy, past its end of life, not offered in the Region, or not customized in this way there",
        _MODEL,
        lambda facts: base_model.for_training(facts.base),
    ),
    Check(
        "model-access",
        "model access",
        "the account has no agreement or entitlement for it, or the Region does not have it; if only the "
        "authorization is missing, that is reported and stops nothing",
        ("bedrock:GetFoundationModelAvailability",),
        lambda facts: base_model.access(facts.base, facts.access),
    ),
    Check(
        "scheduled-jobs",
        "jobs in progress",
        "as many customization jobs are in progress as the quota allows",
        (_QUOTA, "bedrock:ListModelCustomizationJobs"),
        lambda facts: quotas.scheduled_jobs(facts.jobs_quota, facts.running_jobs, facts.name),
    ),
    Check(
        "custom-models",
        "custom models",
        "the account has as many as the quota allows; each job in progress will create one",
        (_QUOTA, "bedrock:ListCustomModels"),
        lambda facts: quotas.custom_models(facts.models_quota, facts.models, facts.running_jobs),
    ),
    Check(
        "units-of-one",
        "model units of one throughput",
        "the settings have more model units than one throughput of this base model may have",
        (_QUOTA, _THROUGHPUTS),
        lambda facts: quotas.units_of_one(facts.units),
    ),
    _units_without_commitment(),
    Check(
        "deployments",
        "on-demand deployments",
        "the settings serve the model on demand, and the account has as many deployments as its quota allows",
        (_QUOTA, "bedrock:ListCustomModelDeployments"),
        lambda facts: quotas.deployments(facts.deployments),
    ),
    Check(
        "role-trust",
        "service role, trust",
        "it does not exist, or its trust policy does not let Bedrock assume it for this account's customization jobs",
        ("iam:GetRole",),
        lambda facts: service_role.assumable(facts.role_arn, facts.trust_policy, facts.place),
    ),
    Check(
        "role-reads-data",
        "service role, data",
        "its policies do not allow it to read the data files or decrypt them",
        _SIMULATE,
        lambda facts: service_role.permitted(facts.role_arn, "read the training data", facts.reads_data),
    ),
    Check(
        "role-writes-metrics",
        "service role, metrics",
        "its policies do not allow it to write metrics or encrypt them",
        _SIMULATE,
        lambda facts: service_role.permitted(facts.role_arn, "write metrics", facts.writes_metrics),
    ),
    Check(
        "role-uses-key",
        "service role, key",
        "its policies do not allow it to use the model's key through Bedrock",
        _SIMULATE,
        lambda facts: service_role.permitted(facts.role_arn, "encrypt the custom model", facts.uses_key),
    ),
    Check(
        "data",
        "data files",
        "a data file is not in the bucket",
        ("s3:ListBucket",),
        lambda facts: data.present(facts.data),
    ),
    Check(
        "data-unchanged",
        "data, as checked",
        "a data file has changed since the deployment checked it, or that is unknown",
        ("s3:GetObject",),
        lambda facts: data.unchanged(facts.data),
    ),
    Check(
        "records",
        "records together",
        "training and validation data together have more records than the quota or the base model allows, or fewer",
        (_QUOTA,),
        lambda facts: data.within_sum(facts.data, facts.record_sum),
    ),
    _key(),
    Check(
        "name",
        "name",
        "a custom model has this name though no job has it",
        ("bedrock:GetCustomModel",),
        lambda facts: data.free_name(facts.name, facts.model_of_this_name),
    ),
)

PURCHASE: Final[tuple[Check[PurchaseFacts], ...]] = (
    Check(
        "base-model",
        "base model",
        "it is legacy, past its end of life, or not offered in the Region",
        _MODEL,
        lambda facts: base_model.for_purchase(facts.base, model_is_given=facts.model_is_given),
    ),
    Check(
        "units-of-one",
        "model units of one throughput",
        "more are requested than one throughput of this base model may have",
        (_QUOTA, _THROUGHPUTS),
        lambda facts: quotas.units_of_one(facts.units),
    ),
    _units_without_commitment(),
    _model_key(),
    _key(),
)

PROMOTION: Final[tuple[Check[PromotedModelFacts], ...]] = (
    Check(
        "base-model",
        "base model",
        "it is past its end of life; for a model that is served by throughput, also if it is legacy",
        _MODEL,
        lambda facts: base_model.for_promotion(facts.base, buys=facts.buys),
    ),
    _key(),
)

DEPLOYMENT: Final[tuple[Check[DeploymentFacts], ...]] = (
    Check(
        "deployments",
        "on-demand deployments",
        "the account has as many deployments as its quota allows",
        (_QUOTA, "bedrock:ListCustomModelDeployments"),
        lambda facts: quotas.deployments(facts.deployments),
    ),
    Check(
        "customized-from",
        "age of the model",
        "an existing model was customized before the date from which models of its base model can be deployed",
        ("bedrock:GetCustomModel",),
        lambda facts: customized.late_enough(facts.customized),
    ),
    _model_key(),
    _key(),
)

EVALUATION: Final[tuple[Check[RunFacts], ...]] = (
    Check(
        "asked-models",
        "models that are asked",
        "a model to compare with, or the judge, is past its end of life, or the account has no access to it; of an "
        "inference profile nothing is known here",
        ("bedrock:GetFoundationModel", "bedrock:GetFoundationModelAvailability"),
        lambda facts: asked_model.all_answer(facts.asked, facts.now),
    ),
    Check(
        "deployments",
        "on-demand deployments",
        "the tuned model is deployed for the evaluation, and the account has as many deployments as its quota allows",
        (_QUOTA, "bedrock:ListCustomModelDeployments"),
        lambda facts: quotas.deployments(facts.deployments),
    ),
    Check(
        "data",
        "test data",
        "the test file is not in the bucket",
        ("s3:ListBucket",),
        lambda facts: data.present(facts.data),
    ),
    Check(
        "tokens",
        "bound of tokens",
        "not even one answer fits into it; before anybody is asked, the run itself adds up what all records need",
        (),
        lambda facts: asked_model.fits(facts.max_tokens, facts.max_output_tokens),
    ),
)
