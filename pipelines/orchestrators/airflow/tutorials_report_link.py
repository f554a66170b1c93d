"""An Airflow plugin: a link to the report on the task that writes it.

`tutorials deploy --to airflow` copies this file as it is. It belongs into Airflow's plugins folder,
because Airflow 2's web server accepts only links that a plugin registers.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

try:
    from airflow.sdk import BaseOperatorLink
    from airflow.sdk.execution_time.xcom import XCom
except ImportError:  # Airflow 2
    from airflow.models.baseoperatorlink import BaseOperatorLink
    from airflow.models.xcom import XCom


class ReportLink(BaseOperatorLink):
    """The link."""

    name = "Report"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Returns the address that the task has pushed to XCom; "" if it has none."""
        return XCom.get_value(ti_key=ti_key, key="report_url") or ""


class TutorialsPlugin(AirflowPlugin):
    """Registers the link."""

    name = "tutorials"
    operator_extra_links = (ReportLink(),)
