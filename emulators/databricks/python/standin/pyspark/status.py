"""Jobs and stages: there are none."""
__all__ = ["SparkJobInfo", "SparkStageInfo", "StatusTracker"]


class SparkJobInfo:
    """A job."""


class SparkStageInfo:
    """A stage."""


class StatusTracker:
    """Says that nothing runs."""

    def getJobIdsForGroup(self, jobGroup=None):
        """None."""
        return []

    def getActiveStageIds(self):
        """None."""
        return []

    def getActiveJobsIds(self):
        """None."""
        return []

    def getJobInfo(self, jobId):
        """None."""

    def getStageInfo(self, stageId):
        """None."""
