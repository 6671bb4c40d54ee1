"""Five notebooks, their operators made in a loop: load, three cleans side by side, then the queries."""
from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator
from datetime import datetime, timedelta

folder = '/Workspace/Repos/student@example.com/pipeline/notebooks/'
names = ['load_from_bucket', 'clean_pin_data', 'clean_geo_data', 'clean_user_data', 'query_all_data']
default_args = {
    'owner': 'student', 'depends_on_past': False, 'email_on_failure': False, 'email_on_retry': False,
    'retries': 2, 'retry_delay': timedelta(minutes=2),
}

with DAG(dag_id='five_steps_dag', start_date=datetime(2024, 8, 18), schedule_interval='@daily', catchup=True,
         max_active_runs=1, default_args=default_args) as dag:
    ops = []
    for name in names:
        op = DatabricksSubmitRunOperator(
            task_id=name,
            databricks_conn_id='databricks_default',
            existing_cluster_id='1108-162752-8okw8dgg',
            notebook_task={'notebook_path': folder + name},
        )
        ops.append(op)
    ops[0] >> [ops[1], ops[2], ops[3]] >> ops[4]
