"""Declared state against a cluster and a registry: observe, diff, plan, apply."""

from __future__ import annotations

from avroad.admin.actual import Actual, ActualSubject
from avroad.admin.apply import ApplyReport, apply, verify
from avroad.admin.desired import Desired, DesiredSubject, DesiredTopic, desired_state
from avroad.admin.diff import diff
from avroad.admin.observe import observe
from avroad.admin.plan import Plan
from avroad.admin.planfile import plan_from_json, plan_to_json, read_plan, write_plan
from avroad.admin.render import plan_text, report_text, summary

__all__ = [
    "Actual",
    "ActualSubject",
    "ApplyReport",
    "Desired",
    "DesiredSubject",
    "DesiredTopic",
    "Plan",
    "apply",
    "desired_state",
    "diff",
    "observe",
    "plan_from_json",
    "plan_text",
    "plan_to_json",
    "read_plan",
    "report_text",
    "summary",
    "verify",
    "write_plan",
]
