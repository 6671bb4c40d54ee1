"""chain, labels, cron with names, depends_on_past, and things that the stand-in does not know."""
from datetime import datetime, timedelta
from airflow import DAG
from airflow.models.baseoperator import chain, cross_downstream
from airflow.operators.empty import EmptyOperator
from airflow.operators.email import EmailOperator
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator
from airflow.utils.edgemodifier import Label

with DAG('chained_dag', start_date=datetime(2024, 8, 18), schedule_interval='0 6,10,18 * * MON-FRI', catchup=False,
         dagrun_timeout=timedelta(hours=2), sla_miss_callback=print,
         default_args={'owner': 'student', 'depends_on_past': True, 'retries': 5, 'retry_delay': timedelta(minutes=2),
                       'retry_exponential_backoff': True, 'max_retry_delay': timedelta(minutes=10),
                       'sla': timedelta(hours=1)}) as dag:
    first = DatabricksSubmitRunOperator(task_id='submit_run', json={
        'existing_cluster_id': '1108-162752-8okw8dgg', 'timeout_seconds': 3600,
        'notebook_task': {'notebook_path': '/Repos/student/clean_pin', 'base_parameters': {'day': '{{ ds }}'}}})
    a, b, c, d = [EmptyOperator(task_id=n) for n in 'abcd']
    mail = EmailOperator(task_id='mail', to='student@example.com', subject='done', html_content='x')
    chain(first, [a, b], [c, d])
    cross_downstream([c], [mail])
    d >> Label('quiet') >> mail
