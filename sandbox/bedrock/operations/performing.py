"""An operation as a caller meets it: with the faults that were asked for."""

from typing import Any

from sandbox.bedrock.errors import ServiceError
from sandbox.bedrock.faults import ApiFault, FaultPlan
from sandbox.bedrock.lasting_faults import NotThereFault, OmissionFault
from sandbox.bedrock.operations import OPERATIONS
from sandbox.bedrock.operations.call import Call, Params, Result
from sandbox.bedrock.wire.models import Service, Shape, service_model
from sandbox.bedrock.wire.omission import shortened


def perform(service: Service, operation: str, call: Call, params: Params) -> Result:
    """Perform an operation of `OPERATIONS`, or raise the error that it answers with."""
    faults = call.simulation.faults
    fault = faults.for_call(operation, params)
    _raise(fault, "before")
    try:
        with call.simulation.lock:
            result = OPERATIONS[service][operation](call, params)
    except ServiceError as error:
        raise _told_as(error, faults.lasting(NotThereFault, lambda its: its.operation == operation)) from None
    _raise(fault, "after")
    return as_far_as_told(faults, operation, result, service_model(service).operation_model(operation).output_shape)


def as_far_as_told(faults: FaultPlan, operation: str, result: Result, shape: Shape) -> dict[str, Any]:
    """Return the members of a result that an operation's answer has."""
    omission = faults.lasting(OmissionFault, lambda its: its.operation == operation)
    return dict(result if omission is None else shortened(result, shape, omission.drops))


def _raise(fault: ApiFault | None, when: str) -> None:
    if fault is not None and fault.when == when:
        raise ServiceError(fault.error, fault.message)


def _told_as(error: ServiceError, fault: NotThereFault | None) -> ServiceError:
    if fault is None or error.code != "ResourceNotFoundException":
        return error
    return ServiceError(fault.error, fault.message)
