"""Settings of a simulated Bedrock in which nothing takes long: for tests of what is done."""

from datetime import timedelta

from sandbox.bedrock import Durations, Quotas, Settings


def quick(each: timedelta = timedelta(seconds=30), *, units: int = 10, phase: timedelta | None = None) -> Settings:
    """Return settings in which everything takes `each`, but a phase of a job `phase`; the quota is `units`."""
    durations = Durations(
        validation=phase or each,
        data_processing=phase or each,
        training=phase or each,
        throughput_creation=each,
        throughput_update=each,
        deployment_creation=each,
        deployment_update=each,
    )
    return Settings(durations=durations, quotas=Quotas(custom_model_units=units))
