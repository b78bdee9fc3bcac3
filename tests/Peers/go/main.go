// The echo server in the way of Go: crypto/tls, a goroutine for each connection, an idle deadline set anew after each
// read and write, as the Go original of RawEcho has it. Its buffer grows for large messages, so that they are not cut
// into small records here while others send them whole.
//
// Usage: peer PORT CA.pem CERT.pem KEY.pem 1.2|1.3
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net"
	"os"
	"time"
)

const (
	smallBuffer = 4 * 1024
	largeBuffer = 64 * 1024
	idleTimeout = 240 * time.Second
)

func main() {
	if len(os.Args) != 6 {
		log.Fatal("Usage: peer PORT CA.pem CERT.pem KEY.pem 1.2|1.3")
	}
	config, err := configure(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	if err != nil {
		log.Fatal(err)
	}
	listener, err := tls.Listen("tcp4", "127.0.0.1:"+os.Args[1], config)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Listening on %s\n", listener.Addr())
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go echo(connection)
	}
}

func configure(caFile, certFile, keyFile, version string) (*tls.Config, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", caFile)
	}
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	protocol := uint16(tls.VersionTLS13)
	if version == "1.2" {
		protocol = tls.VersionTLS12
	}
	return &tls.Config{
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    roots,
		MinVersion:   protocol,
		MaxVersion:   protocol,
	}, nil
}

func echo(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, smallBuffer)
	for {
		if connection.SetDeadline(time.Now().Add(idleTimeout)) != nil {
			return
		}
		n, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if connection.SetDeadline(time.Now().Add(idleTimeout)) != nil {
			return
		}
		if _, err := connection.Write(buffer[:n]); err != nil {
			return
		}
		if n == len(buffer) && n < largeBuffer {
			buffer = make([]byte, largeBuffer)
		}
	}
}
