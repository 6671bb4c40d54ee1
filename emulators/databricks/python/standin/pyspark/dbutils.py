"""DBUtils for programs that run outside of a notebook: fs, secrets, widgets of no run, task values of none. In a notebook the kernel puts
its own in this module's place."""
from tarn_client import Client


def DBUtils(spark=None):
    """dbutils over the stack's workspace."""
    from tarn_kernel import dbutils, fs
    client, widgets = Client(), dbutils.Widgets({}, {})
    return dbutils.DBUtils(fs=fs.FSHandler(client), widgets=widgets, secrets=dbutils.Secrets(client, lambda text: None), jobs=dbutils.Jobs(None),
                           credentials=dbutils.Credentials())
