"""Every error avroad raises on purpose.

AvroadError                      message, expected, found, path, file, hint, problems; retriable, exit_code
  ConfigError                    64
  ContractError                  3
    SchemaSyntaxError  IncompatibleSchema  UnknownEventType  StaleTypes
  CodecError                     3
    EncodeError  DecodeError  FramingError (a DecodeError)
  RegistryError                  1   .code is a RegistryCode, one name per documented code
    RegistryUnavailable (retriable)  RegistryDenied  SchemaNotFound
  BrokerError                    1
    BrokerUnavailable (retriable)  Overloaded (retriable)  TopicRecreated
  PlanError                      4
    StalePlan  ClusterMismatch  DestructiveRefused  LockError
  HandlerError                   1
  StackError                     1
  GitError                       1
"""

from __future__ import annotations

from avroad.errors.base import AvroadError, ConfigError, ExitCode, Problem, render
from avroad.errors.broker import BrokerError, BrokerUnavailable, Overloaded, TopicRecreated
from avroad.errors.codec import CodecError, DecodeError, EncodeError, FramingError
from avroad.errors.contract import ContractError, IncompatibleSchema, SchemaSyntaxError, StaleTypes, UnknownEventType
from avroad.errors.plan import ClusterMismatch, DestructiveRefused, LockError, PlanError, StalePlan
from avroad.errors.registry import RegistryCode, RegistryDenied, RegistryError, RegistryUnavailable, SchemaNotFound
from avroad.errors.runtime import GitError, HandlerError, StackError

__all__ = [
    "AvroadError",
    "BrokerError",
    "BrokerUnavailable",
    "ClusterMismatch",
    "CodecError",
    "ConfigError",
    "ContractError",
    "DecodeError",
    "DestructiveRefused",
    "EncodeError",
    "ExitCode",
    "FramingError",
    "GitError",
    "HandlerError",
    "IncompatibleSchema",
    "LockError",
    "Overloaded",
    "PlanError",
    "Problem",
    "RegistryCode",
    "RegistryDenied",
    "RegistryError",
    "RegistryUnavailable",
    "SchemaNotFound",
    "SchemaSyntaxError",
    "StackError",
    "StalePlan",
    "StaleTypes",
    "TopicRecreated",
    "UnknownEventType",
    "render",
]
