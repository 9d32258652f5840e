"""The errors of avroad for `avroad schema explain`: an example of each, and what to do."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["ERROR_WORDS", "ErrorWords"]


class ErrorWords(NamedTuple):
    """example: when it happens, as one sentence; cure: what to do then."""

    example: str
    cure: str


ERROR_WORDS: Final[dict[str, ErrorWords]] = {
    "AvroadError": ErrorWords(
        "Any of the errors listed below it: `except AvroadError` catches what avroad raises on purpose.",
        "Read expected, found and hint of the error; catch a class below it where you can go on.",
    ),
    "BrokerError": ErrorWords(
        "A topic's name is not allowed, or an ACL forbids to write it.",
        "Do what the message says; the broker's own log (avroad stack logs) has more.",
    ),
    "BrokerUnavailable": ErrorWords(
        "bootstrap.servers is 127.0.0.1:9092 and nothing listens there.",
        "Start the cluster (avroad stack up), or correct bootstrap.servers: avroad config show --origin says where it "
        "comes from.",
    ),
    "ClusterMismatch": ErrorWords(
        "A plan made for staging is applied with -e production.",
        "Choose the environment that the plan was made for, or make a new plan.",
    ),
    "CodecError": ErrorWords(
        "A datum lacks a field, or a payload ends too early.",
        "Read its path: it leads to the field. EncodeError and DecodeError say more.",
    ),
    "ConfigError": ErrorWords(
        "retries has the value ten in the environment file.",
        "Correct the setting where the message found it; avroad config show --origin lists all in force.",
    ),
    "ContractError": ErrorWords(
        "A topic carries a type that no file below schemas/ declares.",
        "Correct the files that are named; avroad schema check and avroad schema lint look at all of them.",
    ),
    "DecodeError": ErrorWords(
        "Four bytes of text are read as a double, which takes eight.",
        "Look at the bytes with avroad codec inspect, and make sure that the writer's schema is the one they were "
        "written with.",
    ),
    "DestructiveRefused": ErrorWords(
        "retention.ms becomes smaller, which deletes records.",
        "Take the change back, or name the topic: avroad apply --allow-destructive TOPIC.",
    ),
    "EncodeError": ErrorWords(
        'A field of type int is given "7", or a key that the schema does not have.',
        "Give the value that the message expects at its path.",
    ),
    "FramingError": ErrorWords(
        "A record was written as plain JSON, so that its first byte is { and not 0.",
        "Find the producer that writes without the registry's serializer; the record stands among the dead letters: "
        "avroad dlq list.",
    ),
    "GitError": ErrorWords(
        "git is not installed, or the repository is damaged.",
        "Run the git command of the message by hand, and mend what it says.",
    ),
    "HandlerError": ErrorWords(
        "A handler raises it for an order without items, which no retry can mend.",
        "Correct the handler or the data, then avroad dlq replay.",
    ),
    "IncompatibleSchema": ErrorWords(
        "A consumer that reads an int meets a version that writes a long.",
        "Run avroad schema check, which names version, field and edit; update the reader before it reads on.",
    ),
    "LockError": ErrorWords(
        "A schema was edited, and the lock still has the fingerprint of the one before.",
        "Register what is declared with avroad apply, which writes the lock, and commit it.",
    ),
    "Overloaded": ErrorWords(
        "A producer sends faster than the broker takes, until its queue is full.",
        "Send again later, slow down, or raise queue.buffering.max.messages.",
    ),
    "PlanError": ErrorWords(
        "A plan file was made by another version of avroad.",
        "Make a new plan: avroad plan.",
    ),
    "RegistryDenied": ErrorWords(
        "The registry answers 401, because the password in the environment file is an old one.",
        "Correct the credentials: avroad config show --origin says where they come from.",
    ),
    "RegistryError": ErrorWords(
        "The registry answers 42201 to a schema that it cannot parse.",
        "Run avroad schema explain with the code of the message.",
    ),
    "RegistryUnavailable": ErrorWords(
        "The registry's address answers with a proxy's page of HTML.",
        "Start it (avroad stack up) or correct registry.url, then try again; producers with a lock need no registry.",
    ),
    "SchemaNotFound": ErrorWords(
        "A record has the id 7, and its registry is another one.",
        "Make sure that topic and registry belong together; avroad subjects lists what is registered.",
    ),
    "SchemaSyntaxError": ErrorWords(
        'A field has the type "strnig".',
        "Correct the place that is named; avroad schema lint shows all such places of all files.",
    ),
    "StackError": ErrorWords(
        "A port of the local stack is taken by another program.",
        "Look at avroad stack status and avroad stack logs; avroad stack reset starts with empty data.",
    ),
    "StalePlan": ErrorWords(
        "Somebody raised the partitions of a topic between avroad plan and avroad apply.",
        "Make a new plan and look at it again: avroad plan.",
    ),
    "StaleTypes": ErrorWords(
        "A field was added to a schema, and the class has it not yet.",
        "Run avroad schema types, and commit what it writes.",
    ),
    "TopicRecreated": ErrorWords(
        "A topic was deleted and made again while a consumer ran.",
        "Start the consumer again with offsets of the new topic, or a new group.",
    ),
    "UnknownEventType": ErrorWords(
        "An event of shop.Order is sent, and no file of admin/topics carries it.",
        "Declare the type in schemas/ and in a topic's values, or correct the name.",
    ),
}
"""By the name of the class."""
