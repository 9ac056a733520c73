"""What the demo does while the local AWS is up: deploy, look around, ask, destroy, look again."""

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rich.console import RenderableType

from bedrock_lifecycle import contract
from bedrock_lifecycle.evaluation.results.gate import Verdict
from bedrock_lifecycle.resources import training_metrics as metrics
from bedrock_tuning.checks.base_model import TODAY
from sandbox.server import Sandbox
from tune.account import inventory
from tune.dataset.subject import rules_of_model
from tune.demo import answers, checks, evaluation, rendering
from tune.demo.cdk_output import CdkProgress
from tune.demo.checks import DemoFailed, expect
from tune.demo.progress import Progress
from tune.deployment.cdk_cli import CdkCli
from tune.deployment.deploy import StackDeployment
from tune.deployment.destroy import Teardown
from tune.metrics import picture, text
from tune.metrics.early_stopping import ending
from tune.metrics.files import write_svg
from tune.metrics.training import training_of
from tune.pictures.lines import drawn
from tune.report.document import document
from tune.report.files import write_page
from tune.report.html import page
from tune.report.observe import Evaluations
from tune.terminal.environments import DeployTarget

FILES: Final = Path("build") / "demo"
"""Where the demo leaves its pictures: they outlive it."""
CURVE: Final = FILES / "loss.svg"
REPORT: Final = FILES / "report.html"
_LOOK_EVERY_SECONDS: Final = 0.5
_QUESTIONS: Final = 2
# What follows a training is given simulated minutes, of which a slow machine must have enough.
_SLOWER_RATE: Final = 100.0


class DemoSteps:
    """One environment's life in a sandbox, from nothing to nothing."""

    def __init__(
        self,
        target: DeployTarget,
        sandbox: Sandbox,
        cli: CdkCli,
        output: CdkProgress,
        story: Progress,
        *,
        show_content: bool,
        is_example: bool,
    ) -> None:
        self._target = target
        (self._model,) = target.settings
        self._sandbox = sandbox
        self._cli = cli
        self._output = output
        self._story = story
        self._show_content = show_content
        self._is_example = is_example
        self._assembly = str(sandbox.folder / "cdk.out")

    def run(self) -> list[RenderableType]:
        """Go all the way and return what is worth a last look; raise DemoFailed if something is not as it must be."""
        self._deploy()
        name = self._model.training_name
        job = self._sandbox.client("bedrock").get_model_customization_job(jobIdentifier=name)
        store = inventory.store_of(self._sandbox.client, self._target)
        throughput = self._throughput()
        self._show_where(store, job["jobArn"], job["outputModelArn"], throughput)
        curve = self._show_losses(store, job)
        self._show_answers(store, throughput)
        verdict = self._show_evaluation(store)
        self._destroy(store)
        files = rendering.files([("the curve", CURVE), ("the evaluation's report", REPORT)])
        return [curve, rendering.remark(verdict), rendering.remark(""), files]

    def _deploy(self) -> None:
        name = self._target.name
        foundation, training, serving, evaluated = self._target.stack_ids
        self._output.follow(
            {
                "cdk synth": f"{name}/environment.toml and {name}/{self._model.name}.toml, security rules checked",
                foundation: "bucket, key, service role, lifecycle workflow",
                training: f"data checked and stored; model {self._model.training_name}",
                serving: "Provisioned Throughput; its ARN in an SSM parameter",
                evaluated: "test records asked of the tuned model and its base model, and scored",
            }
        )
        if self._is_example:
            self._sandbox.control("quality", evaluation.quality(self._model))
        self._output.began = lambda step: self._slow_down() if step == serving else None
        self._output.begin("cdk synth")
        deployment = StackDeployment(
            self._target, self._sandbox.client, self._cli, self._output, look_every_seconds=_LOOK_EVERY_SECONDS
        )
        # The day that the sandbox plays, so that nothing is warned of that has not passed there.
        day = f"{TODAY}={self._sandbox.control('clock')['now'][:10]}"
        code = deployment.run(["--require-approval", "never", "--output", self._assembly, "-c", day])
        expect(code == 0, f"cdk deploy ended with exit code {code}")
        self._sandbox.control("quality", {"clear": True})

    def _slow_down(self) -> None:
        self._sandbox.control("clock", {"rate": _SLOWER_RATE})

    def _throughput(self) -> str:
        """Read the ARN where an application would."""
        name = contract.model_id_parameter(self._model.name, self._target.name)
        return str(self._sandbox.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])

    def _show_where(self, store: inventory.FoundationStore, job_arn: str, model: str, throughput: str) -> None:
        self._story.heading("What there is now")
        self._story.show(
            rendering.facts(
                (
                    ("bucket", store.buckets[0]),
                    ("data", f"{contract.TRAIN_PREFIX} {contract.VALIDATION_PREFIX} {contract.TEST_PREFIX}"),
                    ("metrics", metrics.output_prefix(contract.OUTPUT_PREFIX, job_arn)),
                    ("model", model),
                    ("throughput", throughput),
                )
            )
        )

    def _show_losses(self, store: inventory.FoundationStore, job: Mapping[str, Any]) -> RenderableType:
        """Tell how the training went; return its curve, which is left as a file too."""
        prefix = metrics.output_prefix(contract.OUTPUT_PREFIX, job["jobArn"])
        losses = metrics.read(self._sandbox.client("s3"), store.buckets[0], prefix)
        training = replace(training_of(job), losses=losses)
        self._story.heading("The training, from the metrics in the bucket (simulated)")
        self._story.show(text.epochs(training), rendering.remark(ending(training)))
        chart = picture.chart(training)
        if chart is None:
            raise DemoFailed("the training left no loss")
        FILES.mkdir(parents=True, exist_ok=True)
        write_svg(CURVE, drawn(chart))
        return text.picture(chart, self._story.console.width)

    def _show_answers(self, store: inventory.FoundationStore, throughput: str) -> None:
        profile, data = self._model.profile, self._model.data
        if data is None or data.test is None:
            raise DemoFailed("the demo's model needs test data")
        # Wherever the data came from, it lies in the data store now.
        stored = self._sandbox.client("s3").get_object(
            Bucket=store.buckets[0], Key=contract.data_key("test", data.test.sha256)
        )
        runtime = self._sandbox.client("bedrock-runtime")
        record_format = rules_of_model(self._model).record_format.value
        asked = [
            answers.AnsweredQuestion(
                question,
                base=answers.ask(runtime, profile.untuned_id, question, profile.invocation),
                tuned=answers.ask(runtime, throughput, question, profile.invocation),
            )
            for question in answers.questions(stored["Body"].read(), _QUESTIONS, record_format)
        ]
        expect(all(each.base != each.tuned for each in asked), "the tuned model answers like its base model")
        self._story.heading("Two questions it was not trained on (answers are simulated: no model runs here)")
        if self._show_content:
            self._story.show(*rendering.answers(asked))
        else:
            hidden = "The tuned model's answers differ from its base's. To see your data's content, add --show-content."
            self._story.show(rendering.remark(hidden))
        nearest = "The simulated tuned model gives the answer of the training record nearest to the question."
        self._story.show(rendering.remark(nearest))

    def _show_evaluation(self, store: inventory.FoundationStore) -> str:
        """Tell what was measured, and leave a report of it; return the verdict."""
        lines = evaluation.results(self._model, self._sandbox.client("s3"), store.buckets[0])
        self._story.heading("The evaluation on test records, and what the gate says (of simulated answers)")
        self._story.show(*map(rendering.remark, lines))
        if self._is_example:
            expect(lines[-1].startswith(Verdict.PASSED), "the gate does not pass a model that is right far more often")
            self._story.show(rendering.remark(evaluation.truth()))
        order = "This base model is deployed by throughput alone, so what serves was asked, and the gate only tells."
        self._story.show(rendering.remark(order))
        evaluations = Evaluations(self._sandbox.client, self._target, self._model.name)
        report = evaluations.report(None, dt.datetime.now(dt.UTC), with_content=False)
        write_page(REPORT, page(document(report)), has_content=False)
        return lines[-1]

    def _destroy(self, store: inventory.FoundationStore) -> None:
        aws = self._sandbox.client
        self._story.heading("And back")
        before = checks.all_throughputs(aws)
        expect(before == 1, f"one Provisioned Throughput must be seen before the destroy, not {before}")
        expect(len(inventory.billing(aws, self._target)) == 1, "the Provisioned Throughput is not recognized as ours")
        self._story.fact("asked before", f"Provisioned Throughputs that the API lists: {before}")
        self._output.follow(
            {
                self._model.stack_name("Evaluation"): "its numbers are kept",
                self._model.stack_name("Serving"): "throughput deleted and seen gone",
                self._model.stack_name("Training"): "the model is kept",
                self._target.foundation: "bucket and key are kept",
            }
        )
        destruction = Teardown(self._target, aws, self._output, sleep=lambda _: time.sleep(_LOOK_EVERY_SECONDS))
        expect(destruction.run("all") == 0, "a stack was not destroyed")
        after = checks.all_throughputs(aws)
        expect(after == 0, f"Provisioned Throughputs after the destroy: {after}")
        left = destruction.left("all", store)
        expect(not left.billing and not left.running, "something still runs after the destroy")
        self._story.fact("asked after", f"Provisioned Throughputs that the API lists: {after}")
        self._show_rest(store)

    def _show_rest(self, store: inventory.FoundationStore) -> None:
        meter = self._sandbox.control("meter")
        expect(len(meter["jobs"]) == 1, f"one training must be billed, not {len(meter['jobs'])}")
        self._story.heading("What AWS would have billed")
        self._story.show(rendering.facts(rendering.bill(meter)))
        items = checks.kept(self._sandbox.client, self._target, store)
        self._story.heading("Kept on purpose, and checked; on AWS these commands remove it, in this order")
        self._story.show(rendering.kept(items))
