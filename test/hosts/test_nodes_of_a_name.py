"""Which nodes hold a name: shares, movement, and that no copy of an ended session can be read again, whatever nodes
and processes do meanwhile. The client is the real one, on a model of memcached that is compared with the real one.
Runs in a Debian 13 root file system that also has memcached."""
import random
import re
import socket
import sys
import unittest
from unittest import mock

sys.path.insert(0, '/usr/local/lib/openstack-dashboard/python')
import openstack_dashboard_memcached.store as store  # noqa: E402
from django.conf import settings  # noqa: E402
from memcached_server import MemcachedServer  # noqa: E402
from openstack_dashboard_memcached import membership, watcher  # noqa: E402
from openstack_dashboard_memcached.connection import ClosedError, Connection  # noqa: E402
from openstack_dashboard_memcached.ring import HOLDERS, Ring  # noqa: E402

if not settings.configured:
    settings.configure(SECRET_KEY='k' * 64)
PORT = 21251
DOMAIN = 'sessions.abc123.{}use1.cache.amazonaws.com'
SESSIONS = 'session:1:django.contrib.sessions.cache'
INTERVAL = 10
# Until a process that did not reach a node at a logout has reached it again.
GRACE = 4


def node_names(count):
    return [f'{n:04}.{DOMAIN.format("")}:11211' for n in range(1, count + 1)]


class Shares(unittest.TestCase):
    names = [f'{SESSIONS}{n:032x}' for n in range(20_000)]

    def test_each_node_has_its_share(self):
        for count in (1, 2, 3, 5, 10, 40, 300):
            ring = Ring(node_names(count))
            size = 2**64
            shares = dict.fromkeys(ring.nodes, 0)
            # The exact length of the arcs, not a sample.
            points = list(ring._points)
            for before, point in zip([points[-1] - size, *points], points):
                shares[ring.nodes[point & 0xffff]] += (point - before) / size
            self.assertAlmostEqual(sum(shares.values()), 1)
            self.assertGreater(min(shares.values()) * count, 0.75, count)
            self.assertLess(max(shares.values()) * count, 1.25, count)

    def test_those_who_stand_in_for_a_node_share_its_names(self):
        ring = Ring(node_names(40))
        second = {}
        for name in self.names:
            first, other, *_ = ring.line(name)
            second.setdefault(first, []).append(other)
        for first, others in second.items():
            self.assertGreater(len(set(others)), 30, first)
            self.assertLess(max(map(others.count, set(others))) / len(others), 0.2, first)

    def test_few_names_move_and_the_order_of_the_others_stays(self):
        rng = random.Random(1)
        for count in (2, 3, 10, 40, 299):
            nodes = node_names(count + 1)
            added = rng.choice(nodes)
            before, after = Ring(node for node in nodes if node != added), Ring(nodes)
            moved = 0
            for name in self.names[:5000]:
                old, new = list(before.line(name)), list(after.line(name))
                self.assertEqual(len(set(new)), min(HOLDERS, count + 1))
                self.assertEqual([node for node in new if node != added], old[:len(new) - (added in new)])
                if new[0] != old[0]:
                    moved += 1
                    self.assertEqual(new[:2], [added, old[0]])
            self.assertLess(moved / 5000, 1.3 / (count + 1) + 0.01, count)
            self.assertGreater(moved, 0)

    def test_the_ring_does_not_depend_on_the_order_of_the_list(self):
        nodes = node_names(40)
        one, other = Ring(nodes), Ring(random.Random(2).sample(nodes, len(nodes)))
        for name in self.names[:500]:
            self.assertEqual(list(one.line(name)), list(other.line(name)))

    def test_a_ring_of_no_nodes_has_none(self):
        self.assertEqual(list(Ring([]).line('a')), [])


class Memcached:
    """What memcached does with the commands of the client, without time-outs of a minute or less."""

    def __init__(self):
        self.items, self.reached, self.restarts = {}, True, 0

    def answer(self, request):
        answer = b''
        while request:
            line, request = request.split(b'\r\n', 1)
            command, *words = line.split(b' ')
            if command in (b'set', b'add', b'replace', b'append'):
                key, flags, _, size = words
                data, request = request[:int(size)], request[int(size) + 2:]
                there = key in self.items
                if command == b'add' and there or command in (b'replace', b'append') and not there:
                    answer += b'NOT_STORED\r\n'
                    continue
                if command == b'append':
                    flags, data = self.items[key][0], self.items[key][1] + data
                self.items[key] = flags, data
                answer += b'STORED\r\n'
            elif command in (b'get', b'gat'):
                for key in words[command == b'gat':]:
                    if key in self.items:
                        flags, data = self.items[key]
                        answer += b'VALUE %s %s %d\r\n%s\r\n' % (key, flags, len(data), data)
                answer += b'END\r\n'
            elif command == b'delete':
                answer += b'DELETED\r\n' if self.items.pop(words[0], None) else b'NOT_FOUND\r\n'
            elif command == b'mg':
                answer += b'HD t600\r\n' if words[0] in self.items else b'EN\r\n'
            elif command == b'flush_all':
                self.items.clear()
                answer += b'OK\r\n'
            elif command == b'version':
                answer += b'VERSION 1\r\n'
            else:
                raise AssertionError(line)
        return answer


class World:
    """Nodes, the list that the configuration endpoint sends, and a clock."""

    def __init__(self):
        self.now = 1000.0
        self.nodes, self.listed = {}, ()
        self.number = 0

    def add(self, count):
        for _ in range(count):
            self.number += 1
            host = f'{self.number:04}.{DOMAIN.format("")}'
            self.nodes[host] = Memcached()
        self.listed = tuple(self.nodes)

    def remove(self, host):
        del self.nodes[host]
        self.listed = tuple(self.nodes)

    def list(self):
        entries = ' '.join(f'{host}||11211' for host in self.listed)
        return f'CONFIG cluster 0 9\r\n12\n{entries}\n\r\nEND\r\n'.encode()

    def connection(self, node):
        return Wire(self, node.host)


class Wire(Connection):
    """A connection to a node of the model."""

    def __init__(self, world, host):
        super().__init__(lambda: ())
        self.world, self.host, self.lives = world, host, None

    def send(self, request, deadline):
        node = self.world.nodes.get(self.host)
        if request == b'config get cluster\r\n':
            self._buffer += self.world.list()
            return
        if node is None or not node.reached:
            raise TimeoutError('timed out')
        if self.sock is not None and self.sock != node.restarts:
            raise ClosedError('the connection was closed')
        self.sock = node.restarts
        self._buffer += node.answer(request)

    def close(self):
        self.sock = None
        self._buffer.clear()

    def _read(self):
        raise AssertionError('an answer that does not end')


class Process:
    """One process of a host."""

    def __init__(self, world, rng):
        self.world = world
        started = []
        with mock.patch.object(watcher.Watcher, 'start', lambda this: started.append(this)):
            self.store = store.Store(
                [f'{DOMAIN.format("cfg.")}:11211'],
                {'discovery': True, 'tls': False, 'sealing': False, 'interval': INTERVAL})
        self.watcher, = started
        members = self.store.cluster.membership
        members.connection = world.connection
        members.endpoint_connection = world.connection(members.endpoint)
        self.watcher.begin()
        self.watcher.former.load()
        self.next = world.now + rng.random() * INTERVAL

    def tick(self):
        members, missed = self.store.cluster.membership, self.store.cluster.missed
        soon = members.dead or members.waiting or missed.owed or not members.alive.nodes
        if soon:
            self.next = min(self.next, self.world.now + 1)
        if self.world.now >= self.next:
            members.wake.clear()
            self.watcher.step()
            soon = members.dead or members.waiting or missed.owed or not members.alive.nodes
            self.next = self.world.now + (1 if soon else INTERVAL)


class Sessions(unittest.TestCase):
    def setUp(self):
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = 'k' * 64, []
        self.world = World()
        clock = lambda: self.world.now  # noqa: E731
        for name in ('time.monotonic', 'time.time'):
            patched = mock.patch(name, clock)
            patched.start()
            self.addCleanup(patched.stop)
        patched = mock.patch.object(membership.Membership, 'resolve', lambda self, node: None)
        patched.start()
        self.addCleanup(patched.stop)
        logger = store.LOG
        logger.disabled = True
        self.addCleanup(setattr, logger, 'disabled', False)

    def processes(self, count, rng):
        return [Process(self.world, rng) for _ in range(count)]

    def pass_time(self, processes, seconds):
        end = self.world.now + seconds
        while self.world.now < end:
            self.world.now += 0.25
            for process in processes:
                process.tick()

    def test_a_login_is_known_to_all_processes_while_a_node_comes_back_or_is_added(self):
        """Each process notices at its own time."""
        for seed in range(16):
            rng = random.Random(seed)
            self.world.nodes.clear()
            self.world.add(rng.choice((2, 3, 6)))
            processes = self.processes(6, rng)
            self.pass_time(processes, 30)
            host = rng.choice(list(self.world.nodes))
            if seed % 2:
                self.world.nodes[host].reached = False
                for n in range(60):
                    for process in processes:
                        process.store.get(f'{SESSIONS}{n}')
                self.pass_time(processes, 5)
                self.world.nodes[host].items.clear()
                self.world.nodes[host].reached = True
            else:
                self.world.add(1)
            for n in range(120):
                name = f'{SESSIONS}{seed}-{n}'
                one, other = rng.sample(processes, 2)
                self.assertTrue(one.store.add(name, 0, 600))
                self.assertEqual(other.store.get(name, expire=600), 0, (seed, n))
                self.assertTrue(other.store.replace(name, 1, 600), (seed, n))
                self.pass_time(processes, 0.25)

    def test_no_ended_session_is_found_again(self):
        for seed in range(25):
            with self.subTest(seed=seed):
                self.ended(random.Random(seed))

    def ended(self, rng):
        world = self.world
        world.nodes.clear()
        world.number = 0
        world.add(rng.choice((1, 2, 3, 5, 8, 12)))
        processes = self.processes(5, rng)
        self.pass_time(processes, 15)
        names, ended, stable = [], {}, world.now
        found = 0
        for step in range(400):
            self.pass_time(processes, rng.choice((0, 0, 0.25, 0.5, 2)))
            action = rng.random()
            away = [host for host, node in world.nodes.items() if not node.reached]
            process = rng.choice(processes)
            if action < 0.2:
                name = f'{SESSIONS}{rng.random()}'
                try:
                    if process.store.add(name, 0, 600):
                        names.append(name)
                except ConnectionError:
                    pass
            elif action < 0.55 and names:
                name = rng.choice(names[-20:])
                value = process.store.get(name, expire=600)
                if value is not None:
                    found += 1
                    process.store.replace(name, value + 1, 600)
            elif action < 0.65 and names:
                name = rng.choice(names[-20:])
                if process.store.get(name, expire=600) is not None:
                    members = process.store.cluster.membership
                    if not members.alive.nodes:
                        continue
                    process.store.end(name, 86400)
                    if name in names:
                        names.remove(name)
                    ended[name] = world.now
            elif action < 0.75:
                # Two nodes at most, as far as there are others.
                if len(away) < 2 and len(world.nodes) - len(away) > 1:
                    world.nodes[rng.choice([host for host in world.nodes if host not in away])].reached = False
            elif action < 0.87 and away:
                world.nodes[rng.choice(away)].reached = True
            elif action < 0.89:
                # One process takes a node for dead that answers.
                members = process.store.cluster.membership
                if len(members.alive.nodes) > 1:
                    members.failed(rng.choice(members.alive.nodes), TimeoutError('timed out'))
            elif action < 0.91 and not process.store.cluster.missed.owed:
                processes[processes.index(process)] = Process(world, rng)
            elif action < 0.97 and world.now > stable + 2.2 * INTERVAL + GRACE and not away:
                # All processes have noticed the change before.
                if len(world.nodes) < 16 and rng.random() < 0.5:
                    world.add(rng.choice((1, 1, 2, 5)))
                elif len(world.nodes) > 2:
                    for host in rng.sample(list(world.nodes), rng.choice((1, 1, len(world.nodes) // 2))):
                        world.remove(host)
                stable = world.now
            for name, at in list(ended.items())[-15:]:
                if world.now > at + GRACE:
                    for process in processes:
                        self.assertIsNone(process.store.get(name), (step, name))
        for node in world.nodes.values():
            node.reached = True
        self.pass_time(processes, 30)
        self.assertGreater(found, 5)
        for name in ended:
            for process in processes:
                self.assertIsNone(process.store.get(name))

    def test_a_logout_contacts_as_many_nodes_as_may_hold_a_session(self):
        rng = random.Random(3)
        for count in (2, 40, 300):
            self.world.nodes.clear()
            self.world.add(count)
            process, = self.processes(1, rng)
            asked = []
            send = Wire.send

            def count_send(wire, request, deadline):
                asked.append(wire.host)
                return send(wire, request, deadline)
            name = f'{SESSIONS}{count}'
            process.store.add(name, 0, 600)
            with mock.patch.object(Wire, 'send', count_send):
                self.assertEqual(process.store.get(name), 0)
                self.assertEqual(len(asked), 1)
                self.assertTrue(process.store.end(name, 86400))
            self.assertEqual(len(set(asked[1:])), min(HOLDERS, count))

    def test_a_process_that_starts_later_knows_the_nodes_of_before(self):
        """A copy that is out of line after many nodes were added, and in line again after they left."""
        rng = random.Random(4)
        self.world.add(2)
        processes = self.processes(2, rng)
        names = [f'{SESSIONS}{n}' for n in range(200)]
        for name in names:
            processes[0].store.add(name, 0, 600)
        self.world.add(14)
        self.pass_time(processes, 30)
        late = Process(self.world, rng)
        lists = late.store.cluster.former.lists
        self.assertEqual([len(nodes) for nodes in lists], [2])
        for name in names:
            self.assertLessEqual(len(late.store.cluster.holders(name)), HOLDERS + 2)
            late.store.end(name, 86400)
        for host in list(self.world.nodes)[2:]:
            self.world.remove(host)
        self.pass_time([*processes, late], 30)
        for name in names:
            for process in (*processes, late):
                self.assertIsNone(process.store.get(name))

    def test_lists_that_somebody_else_wrote_are_bounded(self):
        rng = random.Random(5)
        self.world.add(3)
        process, = self.processes(1, rng)
        former = process.watcher.former
        (key, _), = store.NAMES('\0former')
        for data in (b'x' * 10**6, b'9 a\n' * 10**5, b'\xff' * 99, b'99999999999 ' + b'a ' * 5000,
                     b'\n'.join(b'99999999999 a%d:1' % n for n in range(50))):
            for node in self.world.nodes.values():
                node.items[key] = b'0', data
            former.load()
            self.assertLessEqual(len(former.lists), 4)
            for name in ('a', 'b'):
                self.assertLessEqual(len(process.store.cluster.holders(name)), 3)


class Model(unittest.TestCase):
    def test_the_model_answers_as_memcached_does(self):
        self.addCleanup(MemcachedServer(PORT).stop)
        connection = socket.create_connection(('127.0.0.1', PORT), 1)
        self.addCleanup(connection.close)
        connection.settimeout(5)
        rng, model = random.Random(6), Memcached()
        keys = [b'key%d' % n for n in range(6)]
        for _ in range(5000):
            key = rng.choice(keys)
            data = rng.randbytes(rng.randrange(30))
            request = rng.choice((
                b'%s %s %d 600 %d\r\n%s\r\n' % (
                    rng.choice((b'set', b'add', b'replace', b'append')), key, rng.choice((0, 32)), len(data), data),
                b'delete %s\r\n' % key,
                b'get %s %s\r\n' % (key, rng.choice(keys)),
                b'gat 600 %s %s\r\n' % (key, rng.choice(keys)),
                b'mg %s t\r\n' % key))
            if rng.random() < 0.002:
                request = b'flush_all\r\n'
            connection.sendall(request)
            expected = model.answer(request)
            answer = b''
            while len(answer) < len(expected):
                answer += connection.recv(65536)
            if request.startswith(b'mg'):
                # It counts down.
                answer = re.sub(rb'^HD t\d+', b'HD t600', answer)
            self.assertEqual(answer, expected, request)


if __name__ == '__main__':
    unittest.main()
