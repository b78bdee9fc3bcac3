// A client of rawecho-server --http in the way of Go: net/http, HTTP/1.1 or HTTP/2, mutual TLS. It tries each path, then keeps connections
// busy until the server ends them, and says what became of every request.
//
// Usage: client URL CA.pem CERT.pem KEY.pem 1.1|2 CONNECTIONS
// It says "ready" when all connections have a body under way, and ends those bodies when it reads a line.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
)

type report struct {
	Http   string
	Tls    struct{ Protocol, ApplicationProtocol string }
	Client struct{ Subject string }
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 7 {
		log.Fatal("Usage: client URL CA.pem CERT.pem KEY.pem 1.1|2 CONNECTIONS")
	}
	url := os.Args[1]
	config, err := configure(os.Args[2], os.Args[3], os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	connections, err := strconv.Atoi(os.Args[6])
	if err != nil {
		log.Fatal(err)
	}
	// A transport keeps connections for later requests. One for each of ours, so that there are as many as are asked for.
	connect := func() *http.Client {
		transport := &http.Transport{TLSClientConfig: config.Clone(), ForceAttemptHTTP2: os.Args[5] == "2", MaxConnsPerHost: 1}
		if os.Args[5] != "2" {
			transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		}
		return &http.Client{Transport: transport}
	}
	check(connect(), url)
	load(connect, url, connections, os.Args[5] == "2")
}

func configure(caFile, certFile, keyFile string) (*tls.Config, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", caFile)
	}
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}, ServerName: "localhost"}, err
}

func check(client *http.Client, url string) {
	fmt.Printf("GET /: %s\n", body(client.Get(url+"/")))
	sent := make([]byte, 300_000)
	for i := range sent {
		sent[i] = byte(i % 251)
	}
	answer, err := client.Post(url+"/echo", "application/octet-stream", bytes.NewReader(sent))
	if err != nil {
		log.Fatal(err)
	}
	received, err := io.ReadAll(answer.Body)
	if err != nil || !bytes.Equal(sent, received) {
		log.Fatalf("POST /echo: %d, %d bytes, which are others: %v", answer.StatusCode, len(received), err)
	}
	fmt.Printf("POST /echo: %d equal\n", answer.StatusCode)
	var r report
	answer, err = client.Get(url + "/connection")
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewDecoder(answer.Body).Decode(&r); err != nil {
		log.Fatal(err)
	}
	answer.Body.Close()
	fmt.Printf("GET /connection: %s %s %s %s\n", r.Http, r.Tls.Protocol, r.Tls.ApplicationProtocol, r.Client.Subject)
	client.CloseIdleConnections()
}

func load(connect func() *http.Client, url string, connections int, isShared bool) {
	var answers, bodies, ends atomic.Int64
	var work, begun sync.WaitGroup
	goOn := make(chan struct{})
	for i := 0; i < connections; i++ {
		busy := connect()
		other := busy
		if !isShared {
			other = connect()
		}
		work.Add(2)
		begun.Add(1)
		go func() {
			defer work.Done()
			keepBody(other, url, &begun, goOn)
			bodies.Add(1)
		}()
		go func() {
			defer work.Done()
			for {
				answer, err := busy.Get(url + "/")
				if errors.Is(err, syscall.ECONNREFUSED) {
					return // The server listens no more. What it had not begun with, net/http has tried again.
				}
				if text := body(answer, err); text != "200 Hello World" {
					log.Fatal(text)
				}
				answers.Add(1)
				if answer.Close {
					ends.Add(1)
				}
			}
		}()
	}
	begun.Wait()
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		log.Fatal(err)
	}
	close(goOn)
	work.Wait()
	fmt.Printf("answers %d, bodies %d, ends announced %d\n", answers.Load(), bodies.Load(), ends.Load())
}

func keepBody(client *http.Client, url string, begun *sync.WaitGroup, goOn chan struct{}) {
	reader, writer := io.Pipe()
	go func() {
		io.WriteString(writer, "first ")
		<-goOn
		io.WriteString(writer, "last")
		writer.Close()
	}()
	answer, err := client.Post(url+"/echo", "text/plain", reader)
	if err != nil {
		log.Fatal(err)
	}
	first := make([]byte, len("first "))
	if _, err := io.ReadFull(answer.Body, first); err != nil {
		log.Fatal(err)
	}
	begun.Done()
	if rest := body(answer, nil); string(first)+rest != "first 200 last" {
		log.Fatal(rest)
	}
}

// Status and body. What is cut off is the end of the program.
func body(answer *http.Response, err error) string {
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatalf("An answer was cut off: %v", err)
	}
	return fmt.Sprintf("%d %s", answer.StatusCode, text)
}
