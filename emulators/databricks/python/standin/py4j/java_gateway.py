"""Names that programs import; there is no Java to reach."""
from py4j.protocol import Py4JError


def java_import(jvm_view, import_str):
    """Does nothing: there is no Java."""


def is_instance_of(gateway, java_object, java_class):
    """Always false: there is no Java."""
    return False


class JavaGateway:
    """Can't be made."""

    def __init__(self, *args, **kwargs):
        raise Py4JError("there is no Java here")
