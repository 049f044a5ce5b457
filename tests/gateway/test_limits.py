from mailhold.gateway.limits import Connections, Memory


def test_connections_are_counted_per_address_and_together():
    connections = Connections(most=3, most_per_address=2)
    replies = [connections.enter(address) for address in ("a", "a", "a", "b")]

    assert replies[:2] == [None, None]
    assert replies[2].startswith("421 4.7.0")
    assert replies[3].startswith("421 4.3.2")


def test_place_that_was_left_is_free_again():
    connections = Connections(most=1, most_per_address=1)
    connections.enter("a")
    connections.enter("b")
    connections.leave("b")
    connections.leave("a")
    assert connections.total() == 0
    assert connections.enter("b") is None


def test_memory_is_shared_and_given_back():
    memory = Memory(100)
    with memory.lease() as first, memory.lease() as second:
        assert first.take(60)
        assert not second.take(50)
        assert second.take(40)
        first.give_back()
        assert second.take(60)
    assert memory.used == 0
