"""Configuration: strict YAML, declared shapes, environments with precedence and origins. Opens no socket."""

from __future__ import annotations

from avroad.config.environment import load_environment
from avroad.config.setting import Environment, Setting
from avroad.config.state import state_dir

__all__ = ["Environment", "Setting", "load_environment", "state_dir"]
