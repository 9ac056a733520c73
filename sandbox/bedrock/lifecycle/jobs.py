"""How a customization job moves on.

What touches the world (reading data, writing metrics) runs without the state lock and returns what is to be
done with the outcome; that then happens under the lock, unless the job was stopped meanwhile.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sandbox.bedrock.lifecycle import job_events
from sandbox.bedrock.phases import JobStatus, Phase
from sandbox.bedrock.resources.custom_model import CustomModel
from sandbox.bedrock.resources.job import Job
from sandbox.bedrock.simulation import Simulation
from sandbox.bedrock.training.datasets import BadDataset, TrainingData, load
from sandbox.bedrock.training.run import metrics_files, train
from sandbox.bedrock.world import WorldDenied

_FAILURE_MESSAGE_LIMIT: Final = 2048
NO_VALIDATION_SET: Final = "Invalid input error: Nova 2.0 doesn't support validation set"

Finish = Callable[[Simulation, Job, datetime], None]


def begin(simulation: Simulation, job: Job) -> None:
    """Start a job that was just created."""
    _enter(simulation, job, Phase.VALIDATION, job.created, simulation.settings.durations.validation)
    if simulation.assumed.announces_creation:
        simulation.outbox.put(job_events.state_change(job))


def request_stop(simulation: Simulation, job: Job, now: datetime) -> None:
    """Begin to stop a job that is in progress; what it trained until now is billed."""
    job.training_ended = now
    _mark(job, JobStatus.STOPPING, now)
    job.due = now + simulation.settings.durations.stopping
    simulation.outbox.put(job_events.state_change(job))


def step(simulation: Simulation, job: Job, at: datetime) -> None:
    """Let happen what is due at `at`."""
    before = job.status
    finish = _stopped if before is JobStatus.STOPPING else _work(simulation, job)
    with simulation.lock:
        if job.due == at and job.status is before:
            finish(simulation, job, at)


def _work(simulation: Simulation, job: Job) -> Finish:
    fault = job.planned_fault or simulation.faults.for_phase(job.phase)
    job.planned_fault = None
    if fault is not None and fault.outcome == "failed":
        return partial(_failed, message=fault.message)
    job.is_stuck = fault is not None
    if job.phase is Phase.VALIDATION:
        return _validate(simulation, job)
    if job.phase is Phase.DATA_PROCESSING:
        return _processed
    return _held if job.is_stuck else _write_metrics(simulation, job)


def _validate(simulation: Simulation, job: Job) -> Finish:
    def read(uri: str) -> bytes:
        bucket, key = _split(uri)
        try:
            return simulation.world.read_object(job.role_arn, job.arn, bucket, key)
        except WorldDenied as error:
            # The wording of Bedrock's own message is not established.
            msg = f"Unable to access the Amazon S3 object {uri} with role {job.role_arn}: {error}"
            raise WorldDenied(msg) from None

    if simulation.assumed.nova_2_validation == "fails" and job.base.is_nova_2 and job.validation_uris:
        return partial(_failed, message=NO_VALIDATION_SET)
    try:
        _use_network(simulation, job)
        key_arn = _use_key(simulation, job)
        recipe = simulation.assumed.recipe(job.base.recipe)
        data = load(recipe, job.train_uri, job.validation_uris, read)
        if simulation.assumed.tries_output_first:
            _write(simulation, job, ".write_access_check_file.temp", b"")
    except (WorldDenied, BadDataset) as error:
        return partial(_failed, message=str(error))
    return partial(_validated, data=data, key_arn=key_arn)


def _use_key(simulation: Simulation, job: Job) -> str | None:
    key = job.request.get("customModelKmsKeyId")
    if key is None:
        return None
    try:
        return simulation.world.use_key(job.role_arn, job.arn, key)
    except WorldDenied as error:
        msg = f"Unable to use the KMS key {key} with role {job.role_arn}: {error}"
        raise WorldDenied(msg) from None


def _use_network(simulation: Simulation, job: Job) -> None:
    network = job.request.get("vpcConfig")
    if network is None:
        return
    subnet_ids, security_group_ids = network["subnetIds"], network["securityGroupIds"]
    try:
        simulation.world.use_network(job.role_arn, job.arn, subnet_ids, security_group_ids)
    except WorldDenied as error:
        # When Bedrock makes the interfaces, and what it says when it cannot, is not established.
        msg = f"Unable to use the subnets {', '.join(subnet_ids)} with role {job.role_arn}: {error}"
        raise WorldDenied(msg) from None


def _validated(simulation: Simulation, job: Job, at: datetime, *, data: TrainingData, key_arn: str | None) -> None:
    job.data, job.key_arn = data, key_arn
    job.run = train(data, job.parameters)
    job.epoch_duration = simulation.settings.durations.epoch(data.tokens, int(job.parameters["epochCount"]))
    job.training_duration = job.epoch_duration * job.run.epochs
    _close_phase(job, JobStatus.COMPLETED, at)
    _enter(simulation, job, Phase.DATA_PROCESSING, at, simulation.settings.durations.data_processing)


def _processed(simulation: Simulation, job: Job, at: datetime) -> None:
    _close_phase(job, JobStatus.COMPLETED, at)
    _enter(simulation, job, Phase.TRAINING, at, job.training_duration)


def _held(_: Simulation, job: Job, at: datetime) -> None:
    job.due, job.modified = None, at


def _write_metrics(simulation: Simulation, job: Job) -> Finish:
    files = metrics_files(job.run) if job.run else {}
    try:
        for path, body in files.items():
            _write(simulation, job, f"model-customization-job-{job.id}/{path}", body)
    except WorldDenied as error:
        return partial(_failed, message=str(error))
    return _completed


def _write(simulation: Simulation, job: Job, path: str, body: bytes) -> None:
    uri = f"{job.output_uri}/{path}"
    bucket, key = _split(uri)
    try:
        simulation.world.write_object(job.role_arn, job.arn, bucket, key, body)
    except WorldDenied as error:
        msg = f"Unable to write the Amazon S3 object {uri} with role {job.role_arn}: {error}"
        raise WorldDenied(msg) from None


def _completed(simulation: Simulation, job: Job, at: datetime) -> None:
    job.training_ended = job.ended = at
    region = simulation.region(job.scope)
    region.models[job.model_arn] = CustomModel(job.scope, job.model_arn, job.model_name, job, at)
    region.tags[job.model_arn] = {tag["key"]: tag["value"] for tag in job.request.get("customModelTags", [])}
    _end(simulation, job, JobStatus.COMPLETED, at)


def _failed(simulation: Simulation, job: Job, at: datetime, *, message: str) -> None:
    job.failure_message = message[:_FAILURE_MESSAGE_LIMIT]
    job.training_ended = at
    _end(simulation, job, JobStatus.FAILED, at)


def _stopped(simulation: Simulation, job: Job, at: datetime) -> None:
    _end(simulation, job, JobStatus.STOPPED, at)


def _end(simulation: Simulation, job: Job, status: JobStatus, at: datetime) -> None:
    job.due, job.ended = None, at
    _mark(job, status, at)
    simulation.outbox.put(job_events.state_change(job))


def _mark(job: Job, status: JobStatus, at: datetime) -> None:
    job.status, job.modified = status, at
    _close_phase(job, status, at)


def _enter(simulation: Simulation, job: Job, phase: Phase, at: datetime, duration: timedelta) -> None:
    if job.is_stuck:
        _held(simulation, job, at)
        return
    record = job.phases[phase]
    record.status, record.started, record.modified = JobStatus.IN_PROGRESS, at, at
    job.planned_fault = fault = simulation.faults.for_phase_begun(phase)
    soon = timedelta(seconds=fault.seconds) if fault and fault.seconds is not None else duration
    job.phase, job.due, job.modified = phase, at + soon, at


def _close_phase(job: Job, status: JobStatus, at: datetime) -> None:
    record = job.phases[job.phase]
    # A phase that was over when the job got stuck stays so.
    if record.status is not JobStatus.COMPLETED:
        record.status, record.modified = status, at


def _split(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
