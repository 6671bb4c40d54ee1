from airflow.decorators import dag, task, task_group
import pendulum


@dag(schedule='*/15 * * * *', start_date=pendulum.datetime(2024, 8, 18, tz='Europe/London'), catchup=False,
     default_args={'retries': 0}, max_active_runs=1)
def taskflow_dag():
    @task
    def extract():
        return {'pin': 3, 'geo': 2}

    @task(multiple_outputs=True)
    def transform(counts: dict):
        return {'total': sum(counts.values())}

    @task_group
    def finish(total):
        @task(task_id='report')
        def say(n):
            print('total', n)
            return n
        say(total)

    finish(transform(extract())['total'])


taskflow_dag()
