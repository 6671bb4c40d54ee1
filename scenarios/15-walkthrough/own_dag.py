from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("own_dag", start_date=datetime(2026, 1, 1), schedule_interval="@daily", catchup=False,
         default_args={"retries": 1, "retry_delay": timedelta(minutes=2)}) as dag:
    DatabricksSubmitRunOperator(task_id="submit_run", databricks_conn_id="databricks_default", existing_cluster_id="1108-162752-8okw8dgg",
                                notebook_task={"notebook_path": "/Users/me/clean_and_query"})
