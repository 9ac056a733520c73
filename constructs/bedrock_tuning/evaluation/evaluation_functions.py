"""The functions of the evaluation's workflow, each with its own role."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration, Size, Stack
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import evaluation_store as store
from bedrock_tuning.common.acknowledge import acknowledge, acknowledge_wildcard
from bedrock_tuning.common.bedrock_arns import BedrockArns
from bedrock_tuning.common.naming import owner_of
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.evaluation.asked_models import allow_asking, allow_asking_what_is_ours
from bedrock_tuning.lifecycle.bedrock_api_model import BedrockApiModel
from bedrock_tuning.lifecycle.foundation_rights import FoundationRights, allow_keys_of_givers
from bedrock_tuning.lifecycle.ledger import Ledger
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction
from bedrock_tuning.organization.function_settings import FunctionSettings

# As long as Lambda lets a function run; each hands on before that.
_LONGEST: Final = Duration.minutes(15)
_MADE_BY_DIGEST: Final = "the objects of one prefix, which are named by digests"


class EvaluationFunctions(Construct):
    """Prepare, Candidate, Ask, Judge, Score and Reduce. What an evaluation keeps, each reads and writes by prefix.

    Only Prepare reads test and training data, and only Ask and Judge invoke models. Score has no right to invoke a
    metric of a team's own: the permission is on that function.

    Args:
        data_store: The data store that has the test data, and gets what an evaluation keeps.
        ledger: The table that counts the tokens.
        model_ids: The models that may be asked beside the tuned one.
        settings: What the organization prescribes for functions.
        givers: The owner tags of the Foundations whose promoted models may be evaluated.

    Attributes:
        prepare: Reads the test data, draws the sample, and refuses what costs too much.
        candidate: Deploys the tuned model on demand, and deletes that deployment.
        ask: Asks one model some records.
        judge: Asks another model which of two answers is better.
        score: Scores answers.
        reduce: Adds up what was scored.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        data_store: DataStore,
        ledger: Ledger,
        model_ids: Sequence[str],
        settings: FunctionSettings,
        givers: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self._data_store = data_store
        self._ledger = ledger
        self._settings = settings
        self._owner = owner_of(Stack.of(self))
        self.prepare: LifecycleFunction = self._prepare()
        self.candidate: LifecycleFunction = self._candidate(givers)
        self.ask: LifecycleFunction = self._ask(model_ids, givers)
        self.judge: LifecycleFunction = self._judge(model_ids)
        self.score: LifecycleFunction = self._score()
        self.reduce: LifecycleFunction = self._reduce()

    @property
    def all(self) -> list[LifecycleFunction]:
        """All of them."""
        return [self.prepare, self.candidate, self.ask, self.judge, self.score, self.reduce]

    def _prepare(self) -> LifecycleFunction:
        made = self._function("Prepare", "Draws the questions of an evaluation and bounds what it costs", memory=1024)
        data = (contract.TEST_PREFIX, contract.TRAIN_PREFIX)
        self._allow_reading(made, *data, store.PLANS, store.QUESTIONS, store.RUBRICS, store.LOOKS, store.AGAIN)
        self._allow_writing(made, store.QUESTIONS, store.LOOKS)
        for statement in self._data_store.older_data_statements():
            made.role.add_to_policy(statement)
        self._ledger.grant_read(made)
        quotas = BedrockArns(Stack.of(self)).quotas
        made.allow("servicequotas:GetServiceQuota", on=[quotas])
        acknowledge_wildcard(made, quotas, "which quotas are read follows from the models that are asked")
        return made

    def _candidate(self, givers: Sequence[str]) -> LifecycleFunction:
        # What creates deployments may be younger than a runtime.
        api = BedrockApiModel(self, "BedrockApi")
        made = self._function("Candidate", "Deploys the tuned model for its evaluation, and deletes that", api=api)
        self._allow_reading(made, store.PLANS)
        self._ledger.grant_use(made)
        arns = BedrockArns(Stack.of(self))
        rights = FoundationRights(made, self._owner)
        deployments = arns.custom_model_deployments
        rights.allow_making("bedrock:CreateCustomModelDeployment", on=[arns.custom_models, deployments])
        rights.allow_changing("bedrock:DeleteCustomModelDeployment", on=deployments)
        made.allow("bedrock:GetCustomModelDeployment", "bedrock:ListTagsForResource", on=[deployments])
        made.allow("bedrock:ListCustomModelDeployments", on=["*"])
        acknowledge_wildcard(made, "*", "listing deployments supports no resource types")
        for each in (arns.custom_models, deployments):
            acknowledge_wildcard(made, each, "Bedrock makes up the last part of the ARN")
        # As for what serves, see `ServingReconciler`.
        made.role.add_to_policy(self._data_store.served_keys_statement("Decrypt", "GenerateDataKey", "CreateGrant"))
        if givers:
            allow_keys_of_givers(made, givers, "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant")
        return made

    def _ask(self, model_ids: Sequence[str], givers: Sequence[str]) -> LifecycleFunction:
        made = self._function("Ask", "Asks a model the questions of an evaluation")
        self._allow_reading(made, store.PLANS, store.QUESTIONS, store.ANSWERS, store.BEGUN, store.AGAIN)
        self._allow_writing(made, store.ANSWERS, store.BEGUN, store.REASONS)
        self._ledger.grant_use(made)
        allow_asking(made, model_ids)
        allow_asking_what_is_ours(made, self._owner)
        # See `ServedModel.grant_invoke`: an encrypted Nova model is invoked with its key.
        made.role.add_to_policy(self._data_store.served_keys_statement("Decrypt", "GenerateDataKey"))
        if givers:
            allow_keys_of_givers(made, givers, "kms:Decrypt", "kms:GenerateDataKey")
        return made

    def _judge(self, model_ids: Sequence[str]) -> LifecycleFunction:
        made = self._function("Judge", "Asks a model which of two answers is better")
        read = (store.PLANS, store.QUESTIONS, store.ANSWERS, store.BEGUN, store.RUBRICS, store.JUDGMENTS)
        self._allow_reading(made, *read)
        self._allow_writing(made, store.ANSWERS, store.BEGUN, store.JUDGMENTS, store.REASONS)
        self._ledger.grant_use(made)
        allow_asking(made, model_ids)
        return made

    def _score(self) -> LifecycleFunction:
        # A share of a CPU: the time goes into comparing words.
        made = self._function("Score", "Scores the answers of an evaluation", memory=1769)
        self._allow_reading(made, store.PLANS, store.QUESTIONS, store.ANSWERS, store.SCORES, store.JUDGMENTS)
        self._allow_writing(made, store.SCORES, store.PARTS, store.REASONS)
        return made

    def _reduce(self) -> LifecycleFunction:
        made = self._function("Reduce", "Adds up the numbers of an evaluation", memory=512)
        read = (store.PLANS, store.QUESTIONS, store.PARTS, store.LOOKS, store.REASONS, store.AGAIN)
        self._allow_reading(made, *read)
        self._allow_writing(made, store.SUMMARIES, store.AGAIN)
        self._ledger.grant_read(made)
        return made

    def _function(
        self, name: str, description: str, *, memory: int = 256, api: BedrockApiModel | None = None
    ) -> LifecycleFunction:
        made = LifecycleFunction(
            self,
            name,
            handler=f"bedrock_lifecycle.functions.evaluation_{name.lower()}.on_event",
            description=description,
            timeout=_LONGEST,
            key=self._ledger.key,
            environment={
                **self._ledger.environment,
                **(api.environment if api else {}),
                contract.DATA_BUCKET_VARIABLE: self._data_store.bucket.bucket_name,
                contract.FOUNDATION_VARIABLE: self._owner,
            },
            memory_size=Size.mebibytes(memory),
            settings=self._settings,
            layers=[api.layer] if api else [],
        )
        acknowledge(
            made.function, "LambdaDLQ", "Step Functions invokes it synchronously and retries it; a dead run is cleared"
        )
        made.role.add_to_policy(self._data_store.key_statement("Decrypt", "GenerateDataKey", via="s3"))
        # Without it S3 answers "denied" instead of "not there".
        made.allow("s3:ListBucket", on=[self._data_store.bucket.bucket_arn])
        return made

    def _allow_reading(self, function: LifecycleFunction, *prefixes: str) -> None:
        self._allow("s3:GetObject", function, prefixes)

    def _allow_writing(self, function: LifecycleFunction, *prefixes: str) -> None:
        self._allow("s3:PutObject", function, prefixes)

    def _allow(self, action: str, function: LifecycleFunction, prefixes: Sequence[str]) -> None:
        objects = self._data_store.object_arns(*prefixes)
        function.allow(action, on=objects)
        for each in objects:
            acknowledge_wildcard(function, each, _MADE_BY_DIGEST)
