using RawEcho.EndToEnd.Tests.Support;
using RawEcho.Testing.Processes;

namespace RawEcho.EndToEnd.Tests;

/// <summary>The ssl module of Python on the other side.</summary>
public sealed class PythonTests(Certificates certificates)
{
    private const string ClientScript =
        """
        import os, socket, ssl, sys, threading

        host, port, ca, cert, key, version, length = sys.argv[1:]
        context = ssl.create_default_context(cafile=ca)
        context.load_cert_chain(cert, key)
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
        message = os.urandom(int(length))
        with socket.create_connection((host, int(port))) as tcp:
            with context.wrap_socket(tcp, server_hostname="localhost") as tls:
                # Both directions at once: neither side can take all of a long message before it gives some back.
                sender = threading.Thread(target=tls.sendall, args=(message,))
                sender.start()
                echo = bytearray()
                while len(echo) < len(message):
                    part = tls.recv(65536)
                    if not part:
                        break
                    echo += part
                sender.join()
                print("version", tls.version())
                tls.unwrap()
        print("same" if echo == message else "different")
        """;

    private const string ServerScript =
        """
        import socket, ssl, sys, threading

        ca, cert, key, version = sys.argv[1:]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_verify_locations(ca)
        context.load_cert_chain(cert, key)
        context.verify_mode = ssl.CERT_REQUIRED
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]

        def serve(tcp):
            with context.wrap_socket(tcp, server_side=True) as tls:
                while True:
                    part = tls.recv(65536)
                    if not part:
                        break
                    tls.sendall(part)

        with socket.create_server(("127.0.0.1", 0)) as listener:
            print("port", listener.getsockname()[1], flush=True)
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
        """;

    [Theory]
    [InlineData("TLSv1_2", "Tls12")]
    [InlineData("TLSv1_3", "Tls13")]
    public async Task A_client_in_Python_gets_a_megabyte_back(string version, string protocol)
    {
        const int length = 1_000_000;
        await Requires.PythonAsync();
        string script = certificates.Folder.Write($"client-{version}.py", ClientScript);
        await using RunningServer server = await RunningServer.StartAsync(certificates, "--verbose");
        await using var python = new ProgramProcess(Programs.Python!,
        [
            script, "127.0.0.1", $"{server.EndPoint.Port}", certificates.Ca, certificates.Client.Certificate, certificates.Client.Key,
            version, $"{length}",
        ]);
        ProgramResult result = (await python.ExitAsync()).EndedWith(0);
        Assert.Equal("same", result.Output[^1]);
        ProgramResult report = await server.StopAsync();
        report.WithOutput($"SslProtocol: {protocol}").WithOutput("Endings: PeerClosed 1");
        Assert.Equal(length, report.Number("Bytes received"));
        Assert.Equal(length, report.Number("Bytes sent"));
    }

    [Theory]
    [InlineData("TLSv1_2", "Tls12")]
    [InlineData("TLSv1_3", "Tls13")]
    public async Task A_server_in_Python_is_loaded_and_every_echo_matches(string version, string protocol)
    {
        await Requires.PythonAsync();
        string script = certificates.Folder.Write($"server-{version}.py", ServerScript);
        await using var python = new ProgramProcess(
            Programs.Python!, [script, certificates.Ca, certificates.Server.Certificate, certificates.Server.Key, version]);
        string port = (await python.WaitForLineAsync("port "))["port ".Length..];
        ProgramResult client = await LoadRun.RunAsync(
            $"127.0.0.1:{port}", certificates, "--clients", "4", "--messages", "200", "--size", "1-20000");
        client.EndedWith(Exit.Success).WithOutput($"Negotiated: {protocol}");
        Assert.Equal(200, client.Number("Round trips"));
        Assert.Equal(0, client.Number("Mismatches"));
    }
}
