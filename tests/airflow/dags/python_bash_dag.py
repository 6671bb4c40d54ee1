"""Python and Bash tasks, a branch, XComs, a helper module beside the file, and a task group."""
import json
import os
from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchPythonOperator, PythonOperator
from airflow.utils.task_group import TaskGroup
from airflow.utils.trigger_rule import TriggerRule
from helper_paths import topics


def choose(**context):
    return 'work.count' if context['logical_date'].day % 2 else 'rest'


def count(ti, ds, factor=1):
    print('counting', ds)
    ti.xcom_push(key='topics', value=topics('0affea73130b'))
    return len(topics('0affea73130b')) * factor


with DAG(
    'python_bash_dag',
    default_args={'retries': 1, 'retry_delay': timedelta(seconds=30)},
    description='no cloud in it',
    schedule=timedelta(days=1),
    start_date=datetime(2024, 1, 1),
    catchup=False,
    tags=['example'],
) as dag:
    branch = BranchPythonOperator(task_id='branch', python_callable=choose)
    rest = EmptyOperator(task_id='rest')
    with TaskGroup('work') as work:
        counted = PythonOperator(task_id='count', python_callable=count, op_kwargs={'factor': 2})
        said = BashOperator(task_id='say', bash_command='echo "$WHO {{ ds }} {{ ti.xcom_pull(task_ids=\'work.count\') }}"',
                            env={'WHO': 'bash'}, append_env=True)
        counted >> said
    done = EmptyOperator(task_id='done', trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    branch >> [rest, work] >> done
