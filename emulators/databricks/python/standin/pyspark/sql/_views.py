"""Names of frames in the session, and what is the same here with and without: partitions, caches, hints."""
import re

from pyspark.errors import AnalysisException, PySparkTypeError, PySparkValueError
from pyspark.errors.exceptions.base import not_served
from pyspark.sql.column import Column
from pyspark.sql.types import _refuse


def _view_name(name):
    """The name that a view's name stands for: a word, or anything in backquotes. Raises AnalysisException."""
    part = r"\s*(?:`((?:[^`]|``)+)`|((?!\d+\s*\Z)\w+))\s*"
    found = re.match(part + r"\Z", name, re.ASCII)
    if found:
        return found.group(2) or found.group(1).replace("``", "`")
    if re.match("%s(?:\\.%s)+\\Z" % (part, part), name, re.ASCII):
        raise AnalysisException("CREATE TEMPORARY VIEW or the corresponding Dataset APIs only accept single-part view "
                                "names, but got: %s." % name, error_class="TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS")
    raise AnalysisException("Invalid view name: %s." % name)


class ViewMethods:
    """Temporary views, caches, partitions; part of DataFrame."""

    def createTempView(self, name):
        """A view of it for SQL in the session. Raises AnalysisException where the name is taken."""
        self._session._lake.view(_view_name(name), self._frame, False, False)

    def createOrReplaceTempView(self, name):
        """A view of it for SQL in the session."""
        self._session._lake.view(_view_name(name), self._frame, True, False)

    def createGlobalTempView(self, name):
        """A view global_temp.NAME. Raises AnalysisException where the name is taken."""
        self._session._lake.view(_view_name(name), self._frame, False, True)

    def createOrReplaceGlobalTempView(self, name):
        """A view global_temp.NAME."""
        self._session._lake.view(_view_name(name), self._frame, True, True)

    def registerTempTable(self, name):
        """The old name of createOrReplaceTempView."""
        self.createOrReplaceTempView(name)

    # ---- the same rows ----

    def cache(self):
        """Itself: the lake reads what it needs when it needs it."""
        return self.persist()

    def persist(self, storageLevel=None):
        """Itself."""
        from pyspark.storagelevel import StorageLevel
        self._level = storageLevel or StorageLevel.MEMORY_AND_DISK_DESER
        return self

    def unpersist(self, blocking=False):
        """Itself."""
        self._level = None
        return self

    @property
    def is_cached(self):
        """Whether cache was called."""
        return self._level is not None

    @property
    def storageLevel(self):
        """What persist was called with."""
        from pyspark.storagelevel import StorageLevel
        return self._level or StorageLevel.NONE

    def checkpoint(self, eager=True):
        """Itself."""
        return self

    localCheckpoint = checkpoint

    def coalesce(self, numPartitions):
        """The same rows: a number of partitions changes no answer."""
        return self._in_parts(min(numPartitions, self._parts))

    def _in_parts(self, n):
        made = self._made("SELECT * FROM %s" % self._ref)
        made._parts = n
        return made

    def repartition(self, numPartitions, *cols):
        """The same rows."""
        if not isinstance(numPartitions, (int, str, Column)):
            raise _refuse(PySparkTypeError, "NOT_COLUMN_OR_STR", arg_name="numPartitions", arg_type=type(numPartitions).__name__)
        if isinstance(numPartitions, (str, Column)):
            cols, numPartitions = (numPartitions,) + cols, self._parts
        return self._checked(cols, numPartitions)

    def repartitionByRange(self, numPartitions, *cols):
        """The same rows."""
        if not isinstance(numPartitions, (int, str, Column)):
            raise _refuse(PySparkTypeError, "NOT_COLUMN_OR_INT_OR_STR", arg_name="numPartitions", arg_type=type(numPartitions).__name__)
        if isinstance(numPartitions, int) and not cols:
            raise _refuse(PySparkValueError, "CANNOT_BE_EMPTY", item="partition-by expression")
        if not isinstance(numPartitions, int):
            cols, numPartitions = (numPartitions,) + cols, self._parts
        return self._checked(cols, numPartitions)

    def _checked(self, cols, n):
        """The same rows; columns that aren't there are an error."""
        if cols:
            self.select(*cols)
        return self._in_parts(n)

    def hint(self, name, *parameters):
        """Itself: hints change no answer."""
        if len(parameters) == 1 and isinstance(parameters[0], list):
            parameters = parameters[0]
        if not isinstance(name, str):
            raise _refuse(PySparkTypeError, "NOT_STR", arg_name="name", arg_type=type(name).__name__)
        for p in parameters:
            if not isinstance(p, (str, list, float, int, Column)):
                raise _refuse(PySparkTypeError, "DISALLOWED_TYPE_FOR_CONTAINER", arg_name="parameters", arg_type=type(parameters).__name__,
                              allowed_types="str, list, float, int", return_type=type(p).__name__)
        return self

    # ---- of its plan ----

    def explain(self, extended=None, mode=None):
        """Prints the plan."""
        if extended is not None and mode is not None:
            raise _refuse(PySparkValueError, "CANNOT_SET_TOGETHER", arg_list="extended and mode")
        if extended is not None and not isinstance(extended, (bool, str)):
            raise _refuse(PySparkTypeError, "NOT_BOOL_OR_STR", arg_name="extended", arg_type=type(extended).__name__)
        if mode is not None and not isinstance(mode, str):
            raise _refuse(PySparkTypeError, "NOT_STR", arg_name="mode", arg_type=type(mode).__name__)
        word = mode or (extended if isinstance(extended, str) else "extended" if extended else "simple")
        if word not in ("simple", "extended", "codegen", "cost", "formatted"):
            from pyspark.errors import IllegalArgumentException
            raise IllegalArgumentException("Unknown explain mode: %s. Accepted explain modes are 'simple', 'extended', 'codegen', 'cost', "
                                           "'formatted'." % word)
        how = "" if word == "simple" else word.upper() + " "
        answer = self._session._lake.run("EXPLAIN %sSELECT * FROM %s" % (how, self._ref))
        print("\n".join(str(row[0]) for row in answer["rows"]))

    def isLocal(self):
        """Whether its rows are the driver's: those of SHOW and its like."""
        return self._of_driver

    def sameSemantics(self, other):
        """Whether it is the same frame."""
        if not isinstance(other, type(self)):
            raise _refuse(PySparkTypeError, "NOT_STR", arg_name="other", arg_type=type(other).__name__)
        return self._frame == other._frame

    def semanticHash(self):
        """A number that is the same for the same frame."""
        return hash(self._frame)

    def inputFiles(self):
        """The files that it reads."""
        rows = self._session._lake.run("SELECT DISTINCT input_file_name() FROM %s" % self._ref)["rows"]
        return sorted(row[0] for row in rows if row[0])

    def pandas_api(self, index_col=None):
        """pandas on Spark. Not served."""
        raise not_served("DataFrame.pandas_api")

    to_pandas_on_spark = to_koalas = pandas_api
