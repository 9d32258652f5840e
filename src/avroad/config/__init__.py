"""Configuration: strict YAML, declared shapes, environments with precedence and origins."""
