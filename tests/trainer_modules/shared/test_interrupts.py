"""Signals wait for work that must not stay half done."""

import signal
import threading

import pytest

from trainer_modules.shared.interrupts import interrupts_wait


def test_an_interrupt_comes_after_the_work(interruptible):
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts_wait():
        signal.raise_signal(signal.SIGINT)
        done.append(True)

    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_of_the_work_comes_before_an_interrupt(interruptible):
    with pytest.raises(ValueError, match="work"), interrupts_wait():
        raise ValueError("work")

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_receive_no_signals_anyway():
    done = []

    def work() -> None:
        with interrupts_wait():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert done
