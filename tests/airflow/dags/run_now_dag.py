"""A job that exists already, run at noon, with parameters; dag= given to each task instead of a with block."""
import airflow
from airflow.models import DAG, Variable
from airflow.operators.dummy_operator import DummyOperator
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
from airflow.utils.dates import days_ago
from datetime import timedelta

job_id = Variable.get('databricks_job_id', default_var='1')
dag = DAG('run_now_dag', default_args={'owner': 'airflow', 'start_date': days_ago(2), 'retries': 3},
          schedule_interval='0 12 * * *', catchup=False, tags=['databricks', 'batch'])
start = DummyOperator(task_id='start', dag=dag)
run = DatabricksRunNowOperator(task_id='run_now', dag=dag, databricks_conn_id='databricks_default', job_id=job_id,
                               notebook_params={'Variable': 5}, polling_period_seconds=10)
end = DummyOperator(task_id='end', dag=dag, trigger_rule='all_done')
run.set_upstream(start)
run.set_downstream(end)
