"""What routes of the operator have in common."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Security

from opendance.api.auth import ADMIN_KEY, KeyedRoute, check_operator
from opendance.api.responses import OF_OPERATOR
from opendance.api.unified.errors import error_responses


def operator_router() -> APIRouter:
    """For routes below `/admin/v1`, which need the admin key."""
    return APIRouter(
        prefix="/admin/v1",
        tags=["Administration"],
        dependencies=[Depends(check_operator), Security(ADMIN_KEY)],
        route_class=KeyedRoute,
        responses=error_responses(*OF_OPERATOR),
    )
