"""Less common ways: a custom operator, a short circuit, a DAG that starts another, a pool, latest only, a JSON conf."""
from datetime import datetime, timedelta

from airflow import DAG
from airflow.exceptions import AirflowSkipException
from airflow.models import BaseOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.latest_only import LatestOnlyOperator
from airflow.operators.python import PythonOperator, ShortCircuitOperator
from airflow.operators.trigger_dagrun import TriggerDagRunOperator


class Greeter(BaseOperator):
    template_fields = ('who',)

    def __init__(self, who, **kwargs):
        super().__init__(**kwargs)
        self.who = who

    def execute(self, context):
        self.log.info('hello %s', self.who)
        return self.who


def skip():
    raise AirflowSkipException('nothing to do')


with DAG('odd_ways_dag', start_date=datetime(2024, 8, 1), schedule=None, params={'name': 'world'}, max_active_tasks=4) as dag:
    greet = Greeter(task_id='greet', who='{{ params.name }} {{ dag_run.conf["n"] }}', pool='one')
    alone = Greeter(task_id='alone', who='nobody', pool='one')
    go_on = ShortCircuitOperator(task_id='go_on', python_callable=lambda: False)
    never = EmptyOperator(task_id='never')
    skipped = PythonOperator(task_id='skipped', python_callable=skip)
    always = EmptyOperator(task_id='always', trigger_rule='all_done')
    latest = LatestOnlyOperator(task_id='latest')
    other = TriggerDagRunOperator(task_id='other', trigger_dag_id='other_dag', conf={'from': 'odd'})
    [greet, alone] >> go_on >> never
    latest >> other
    skipped >> always

with DAG('other_dag', start_date=datetime(2024, 8, 1), schedule='@once', is_paused_upon_creation=False) as second:
    slow = PythonOperator(task_id='slow', python_callable=lambda: 1, execution_timeout=timedelta(minutes=5), retries=0)
