# SPDX-License-Identifier: Apache-2.0
"""What OpenSSH's client cannot be made to do, by asyncssh.

ssh_client.py CASE HOST [ARGUMENT...], the cases being the functions below
whose names begin with "case_"; each prints what it saw.
"""
import asyncio
import os
import re
import sys
import warnings

warnings.simplefilter('ignore')  # of what asyncssh imports
import asyncssh  # noqa: E402

TIMEOUT_S = 600  # for what hangs


def connect(host, **more):
    with open(os.environ['SG_SSH_CONFIG'], encoding='utf-8') as file:
        entry = re.search(r'Host %s\n(.*?)(?=\nHost |\Z)' % host, file.read(),
                          re.S).group(1)
    options = dict(line.split(None, 1) for line in entry.strip().splitlines())
    return asyncssh.connect(
        options['HostName'], int(options['Port']), username=options['User'],
        client_keys=[options['IdentityFile']], known_hosts=None,
        agent_path=None, config=None, **more)


async def case_windows(host):
    """Output, errors and status through windows and packets of any size."""
    async with connect(host) as client:
        for window in (1, 2, 10, 100, 1 << 20):
            for packet in (11, 64, 1000, 32768):
                process = await client.create_process(
                    'seq 300; echo err >&2; exit 3', encoding=None,
                    window=window, max_pktsize=packet)
                out, err = await process.communicate()
                print(window, packet, out == b''.join(
                    b'%d\n' % n for n in range(1, 301)), err,
                      process.exit_status)


async def case_input_windows(host):
    """And input, which the server's window lets through."""
    async with connect(host) as client:
        for packet in (64, 1000, 32768):
            data = os.urandom(50000)
            process = await client.create_process(
                'cat', encoding=None, window=100000, max_pktsize=packet)
            out, _ = await process.communicate(data)
            print(packet, out == data, process.exit_status)


async def case_sessions(host, most):
    """How many channels can be open, and the refusal of one more."""
    async with connect(host) as client:
        processes = []
        try:
            while len(processes) < int(most):
                processes.append(await client.create_process('cat'))
            print('all')
        except asyncssh.ChannelOpenError as error:
            print('refused', error.code, error.reason)
        count = len(processes)
        # One that ends makes room for one.
        processes[0].stdin.write_eof()
        await processes[0].wait_closed()
        await asyncio.sleep(0.5)
        again = await client.run('echo again')
        print(again.stdout.strip())
    print(count, file=sys.stderr)


async def case_signals(host):
    """How death by each signal is told, a core dumped or not."""
    async with connect(host) as client:
        for name in ('ABRT', 'ALRM', 'BUS', 'FPE', 'HUP', 'ILL', 'INT', 'KILL',
                     'PIPE', 'QUIT', 'SEGV', 'SYS', 'TERM', 'TRAP', 'USR1',
                     'USR2', 'XCPU', 'RTMIN'):
            for limit in ('0', 'unlimited'):
                process = await client.create_process(
                    'd=/tmp/core.%s; mkdir $d; cd $d; ulimit -c %s; '
                    'kill -%s $$; sleep 1' % (name + limit, limit, name))
                await process.wait()
                print(name, limit, process.exit_status, process.exit_signal)
        await client.run('rm -rf /tmp/core.*')


async def case_early_signals(host):
    """Signals as soon as a command is granted, two at once."""
    async with connect(host) as client:
        for _ in range(5):
            process = await client.create_process('sleep 90')
            process.channel.send_signal('TERM')
            await process.wait()
            print(process.exit_signal[0], end=' ')
        process = await client.create_process(
            'trap "echo 1; a=1" USR1; trap "echo 2; b=2" USR2; echo ready; '
            'for n in $(seq 100); do [ "$a$b" = 12 ] && break; sleep 0.5; '
            'done; sleep 0.5')
        await process.stdout.readline()
        process.channel.send_signal('USR2')
        process.channel.send_signal('USR1')
        print(sorted((await process.communicate())[0].split()))


async def case_subsystem_signal(host):
    """A signal to a subsystem is not delivered."""
    async with connect(host) as client:
        process = await client.create_process(subsystem='sftp', encoding=None)
        process.stdin.write(b'\0\0\0\5\1\0\0\0\3')
        print(len(await process.stdout.readexactly(9)))
        process.channel.send_signal('TERM')
        await asyncio.sleep(0.5)
        process.stdin.write(b'\0\0\0\5\1\0\0\0\3')
        await process.stdout.readexactly(9)
        process.stdin.write_eof()
        await process.wait()
        print(process.exit_status, process.exit_signal)


async def case_order(host):
    """Requests that come where they should not."""
    async with connect(host) as client:
        process = await client.create_process(
            'trap "" USR2; echo ready; read line; echo over')
        await process.stdout.readline()
        channel = process.channel
        for kind, rest in ((b'exec', b'\0\0\0\4echo'), (b'shell', b''),
                           (b'pty-req', b'\0\0\0\1x' + b'\0' * 16 + b'\0' * 4),
                           (b'env', b'\0\0\0\4LANG\0\0\0\1C'),
                           (b'window-change', b'\0\0\0\1' * 4),
                           (b'break', b'\0\0\0\0'),
                           (b'signal', b'\0\0\0\3FOO'),
                           (b'signal', b'\0\0\0\4USR2'),
                           (b'nonsense', b''),
                           (b'subsystem', b'\0\0\0\4sftp'),
                           # An answer left out before would be missing here.
                           (b'window-change', b'\0\0\0\1' * 4)):
            answer = await channel._make_request(kind, rest)
            print(kind.decode(), answer)
        process.stdin.write('\n')
        print((await process.communicate())[0].strip(), process.exit_status)
        # Not one that may have ended by then.
        process = await client.create_process('read line', term_type='x',
                                              term_size=(80, 24))
        print(await process.channel._make_request(
            b'window-change', b'\0\0\0\1' * 4))
        process.stdin.write('\n')
        await process.wait()
        for name in (b'nonsense', b'keepalive@openssh.com'):
            kind, _ = await client._make_global_request(name)
            print(name.decode(), kind)


async def case_break(host):
    """A break on a terminal, which has no line: granted, and nothing comes."""
    async with connect(host) as client:
        for modes in ('brkint', '-brkint ignbrk', '-brkint -ignbrk parmrk'):
            process = await client.create_process(
                'stty -echo %s; trap "echo interrupted" INT; echo ready; '
                'head -c 3 | od -c' % modes, term_type='x')
            await process.stdout.readline()
            for length in (0, 500, 10000):
                print(await process.channel._make_request(
                    b'break', length.to_bytes(4, 'big')))
            process.stdin.write('ab\n')
            print(modes, (await process.communicate())[0])


async def case_modes(host):
    """Terminal modes no stty makes: speeds, characters, opcodes."""
    speeds = [{128: i, 129: o} for i, o in (
        (0, 0), (50, 50), (75, 300), (9600, 9600), (12345, 12345),
        (38400, 0), (57600, 57600), (230400, 230400), (460800, 460800),
        (921600, 1000000), (4000000, 4000000), (4294967295, 19200))]
    others = [{1: 24, 2: 255, 3: 0, 4: 256}, {1: 511, 5: 4294967295},
              {53: 0, 51: 0, 39: 1, 50: 0}, {70: 0, 72: 0, 75: 2},
              {90: 0, 91: 0}, {90: 0, 91: 1, 92: 1, 93: 1}, {42: 1, 36: 0},
              {11: 17, 17: 18, 15: 19}, {54: 1, 127: 1, 130: 7, 53: 0},
              {52: 1, 53: 0, 57: 1, 58: 1, 59: 0, 60: 0, 61: 0, 62: 0}]
    async with connect(host) as client:
        for modes in speeds + others:
            result = await client.run('stty -a; stty speed', term_type='x',
                                      term_size=(80, 24), term_modes=modes)
            print(modes, result.stdout, result.exit_status)


async def case_no_more_sessions(host):
    """no-more-sessions@openssh.com, and then one all the same."""
    async with connect(host) as client:
        process = await client.create_process('sleep 30; echo on')
        name = b'no-more-sessions@openssh.com'
        client.send_packet(80, len(name).to_bytes(4, 'big') + name + b'\0')
        try:
            await client.run('echo more')
            print('opened')
        except (asyncssh.Error, ConnectionError) as error:
            print(type(error).__name__)
        out, _ = await process.communicate()
        print(out.strip())


async def case_races(host):
    """Channels that are closed while their output flows, 24 at a time."""
    async with connect(host) as client:
        async def one(number):
            process = await client.create_process(
                'exec cat /dev/zero', encoding=None)
            await process.stdout.read(1 + number * 977 % 100000)
            if number % 3 == 0:
                process.stdin.write_eof()
            if number % 2 == 0:
                process.channel.abort()
            process.close()
            await process.wait_closed()

        for start in range(0, 240, 24):
            await asyncio.gather(*(one(n) for n in range(start, start + 24)))
        result = await client.run('echo alive')
        print(result.stdout.strip())


async def case_late_input(host):
    """Input that crosses with the server's CLOSE: nothing may answer it."""
    async with connect(host) as client:
        for _ in range(10):
            process = await client.create_process('exec true', encoding=None)
            channel = process.channel
            close = channel._close_send

            def late(channel=channel, close=close):
                for _ in range(5):
                    channel.send_packet(94, b'\0\0\0\4late')
                channel.send_packet(98, b'\0\0\0\10nonsense\1')
                close()

            channel._close_send = late
            await process.wait()
            await process.wait_closed()
            print(process.exit_status)
        print((await client.run('echo alive')).stdout.strip())


async def case_many(host):
    """Short commands, many at once and many after the other."""
    async with connect(host) as client:
        wrong = 0

        async def one(number):
            nonlocal wrong
            result = await client.run('echo %d; exit %d' % (number,
                                                            number % 200))
            wrong += result.stdout != '%d\n' % number or \
                result.exit_status != number % 200

        for start in range(0, 600, 30):
            await asyncio.gather(*(one(n) for n in range(start, start + 30)))
        print('wrong', wrong)


async def case_rekey(host):
    """Key exchanges amid commands. Debian's asyncssh 2.10.1 goes on sending
    while they last, against RFC 4253, 7.1."""
    async with connect(host, rekey_bytes=100000) as client:
        async def one(number):
            for size in (0, 1, 50000, 90000):
                data = os.urandom(size)
                process = await client.create_process(
                    'cat; exit %d' % number, encoding=None)
                process.stdin.write(data)
                process.stdin.write_eof()
                out, _ = await process.communicate()
                if out != data or process.exit_status != number:
                    print(number, size, len(out), process.exit_status)

        for _ in range(3):
            await asyncio.gather(*(one(n) for n in range(16)))
        print((await client.run('echo alive')).stdout.strip())


async def case_rekey_flood(host):
    """All that a client sends instead of exchanging keys is not kept."""
    client = await connect(host)
    process = await client.create_process('cat', encoding=None)
    client._send_kexinit()
    client._kexinit_sent = True
    data = bytes(32000)
    for _ in range(200):
        process.channel.send_packet(94, len(data).to_bytes(4, 'big') + data)
    await client.wait_closed()
    print('closed')


async def case_replies(host):
    """Requests in one segment, each of them answered at once. Before them the
    server opens a channel and says nothing after: libssh then leaves all but
    the first answer in a buffer of its own."""
    async with connect(host) as client:
        async def serve(reader, _):
            await reader.read()

        opened = asyncio.Event()

        def accept(*_):
            opened.set()
            return serve

        listener = await client.start_server(accept, '127.0.0.1', 0,
                                             encoding=None)
        process = await client.create_process('cat', encoding=None)
        inside = await client.create_process(
            'exec 3<>/dev/tcp/127.0.0.1/%d; cat' % listener.get_port())
        await opened.wait()
        await asyncio.sleep(0.5)
        packets, transport = [], client._transport
        write, transport.write = transport.write, packets.append
        answers = [asyncio.ensure_future(process.channel._make_request(kind))
                   for kind in (b'one', b'two', b'three')]
        await asyncio.sleep(0)
        transport.write = write
        write(b''.join(packets))
        done, _ = await asyncio.wait(answers, timeout=20)
        print(len(packets), len(done))
        inside.stdin.write_eof()
        process.stdin.write_eof()
        await process.wait()


async def main():
    await asyncio.wait_for(globals()['case_' + sys.argv[1]](*sys.argv[2:]),
                           TIMEOUT_S)

asyncio.run(main())
