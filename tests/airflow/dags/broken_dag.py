from airflow import DAG
from datetime import datetime

with DAG('broken_dag', start_date=datetime(2024, 8, 18), schedule_interval='@daily') as dag
    pass
