"""The operations of Service Quotas that read, on the wire (JSON 1.1)."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.bedrock.errors import NOT_SIMULATED, ServiceError
from sandbox.bedrock.names import Scope
from sandbox.bedrock.operations.performing import as_far_as_told
from sandbox.bedrock.service_quotas.quotas import QuotaEntry, entries
from sandbox.bedrock.settings import Quotas
from sandbox.bedrock.simulation import Simulation
from sandbox.bedrock.wire.constraints import violations
from sandbox.bedrock.wire.models import service_model
from sandbox.bedrock.wire.responses import Response

SERVICE: Final = "service-quotas"
TARGET_PREFIX: Final = "ServiceQuotasV20190624"
_SERVICE_CODE: Final = "bedrock"
_DEFAULT_PAGE: Final = 100
_HEADERS: Final = {"Content-Type": "application/x-amz-json-1.1"}
# The service model gives no status; every other error of it is the caller's.
_STATUS: Final = {"ServiceException": 500, "TooManyRequestsException": 429, NOT_SIMULATED: 501}

Json = Mapping[str, Any]


def handle(simulation: Simulation, headers: Mapping[str, str], body: bytes, scope: Scope) -> Response:
    """Answer a request; which operation it is for stands in its header `X-Amz-Target`."""
    lowered = {name.lower(): value for name, value in headers.items()}
    try:
        result = perform(
            simulation, lowered.get("x-amz-target", "").rpartition(".")[2], json.loads(body or b"{}"), scope
        )
    except ServiceError as error:
        content = {"__type": error.code, "Message": error.message}
        return Response(_STATUS.get(error.code, 400), _HEADERS, json.dumps(content).encode())
    return Response(200, _HEADERS, json.dumps(result).encode())


def perform(simulation: Simulation, name: str, params: Json, scope: Scope) -> dict[str, Any]:
    """Perform an operation; request and result are held against the service model."""
    if name not in _OPERATIONS:
        raise ServiceError(NOT_SIMULATED, f"the operation {name} of {SERVICE} is not simulated by this sandbox")
    model: Any = service_model(SERVICE).operation_model(name)
    if problems := violations(params, model.input_shape):
        raise ServiceError("IllegalArgumentException", "; ".join(problems))
    fault = simulation.faults.for_call(name, params)
    if fault is not None:
        raise ServiceError(fault.error, fault.message)
    result = _OPERATIONS[name](simulation.quotas.of(scope), scope, params)
    result = as_far_as_told(simulation.faults, name, result, model.output_shape)
    if problems := violations(result, model.output_shape):
        msg = f"the answer of {name} does not fit its model: {'; '.join(problems)}"
        raise AssertionError(msg)
    return result


def _get(quotas: Quotas, scope: Scope, params: Json) -> dict[str, Any]:
    """GetServiceQuota."""
    return {"Quota": _described(_entry(params), quotas, scope)}


def _get_default(_quotas: Quotas, scope: Scope, params: Json) -> dict[str, Any]:
    """GetAWSDefaultServiceQuota."""
    return {"Quota": _described(_entry(params), Quotas(), scope)}


def _list(quotas: Quotas, scope: Scope, params: Json) -> dict[str, Any]:
    """ListServiceQuotas."""
    _check_service(params)
    codes = sorted(code for code in entries() if params.get("QuotaCode", code) == code)
    start = codes.index(params["NextToken"].replace("/", "-")) if "NextToken" in params else 0
    end = start + int(params.get("MaxResults", _DEFAULT_PAGE))
    # A token has no hyphen in its alphabet, a code has no slash.
    token = {"NextToken": codes[end].replace("-", "/")} if end < len(codes) else {}
    return {"Quotas": [_described(entries()[code], quotas, scope) for code in codes[start:end]], **token}


_OPERATIONS: Final[Mapping[str, Callable[[Quotas, Scope, Json], dict[str, Any]]]] = {
    "GetServiceQuota": _get,
    "GetAWSDefaultServiceQuota": _get_default,
    "ListServiceQuotas": _list,
}


def _entry(params: Json) -> QuotaEntry:
    _check_service(params)
    entry = entries().get(params["QuotaCode"])
    if entry is None:
        raise ServiceError("NoSuchResourceException", "The request failed because the specified quota does not exist")
    return entry


def _check_service(params: Json) -> None:
    if params["ServiceCode"] != _SERVICE_CODE:
        raise ServiceError("NoSuchResourceException", "The request failed because the specified service does not exist")


def _described(entry: QuotaEntry, quotas: Quotas, scope: Scope) -> dict[str, Any]:
    return {
        "ServiceCode": _SERVICE_CODE,
        "ServiceName": "Amazon Bedrock",
        "QuotaArn": f"arn:{scope.partition}:servicequotas:{scope.region}:{scope.account}:{_SERVICE_CODE}/{entry.code}",
        "QuotaCode": entry.code,
        "QuotaName": entry.name,
        "Value": float(entry.applied(quotas)),
        "Unit": "None",
        "Adjustable": entry.adjustable,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }
