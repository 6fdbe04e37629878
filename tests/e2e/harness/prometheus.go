package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"sextant/e2e/process"
)

// Prometheus is a real one that scrapes the exporter every second; it can be stopped and started again with what it has.
type Prometheus struct {
	URL     string
	program string
	dir     string
	port    int
	process *process.Process
}

// StartPrometheus starts the program with its data and log in dir, and waits until it has scraped the exporter, which takes it some seconds.
func StartPrometheus(ctx context.Context, program, dir string, exporter *Exporter) (*Prometheus, error) {
	ports, err := process.FreePorts(0, 1)
	if err != nil {
		return nil, err
	}
	config := fmt.Sprintf("global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: sample\n  honor_labels: true\n"+
		"  static_configs: [{targets: ['%s']}]\n", exporter.Address)
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o644); err != nil {
		return nil, err
	}
	p := &Prometheus{URL: fmt.Sprintf("http://127.0.0.1:%d", ports[0]), program: program, dir: dir, port: ports[0]}
	if err := p.Start(ctx); err != nil {
		return p, err
	}
	return p, p.process.WaitUntil(ctx, "it has scraped the exporter", func() error {
		up, err := p.Value(`up{job="sample"}`)
		if err == nil && up != "1" {
			err = fmt.Errorf("up is %q", up)
		}
		return err
	})
}

// Start starts it again after Stop, on the same port.
func (p *Prometheus) Start(ctx context.Context) error {
	var err error
	p.process, err = process.Start("prometheus", filepath.Join(p.dir, "prometheus.log"), p.program,
		"--config.file="+filepath.Join(p.dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(p.dir, "prometheus-data"),
		fmt.Sprintf("--web.listen-address=127.0.0.1:%d", p.port))
	if err != nil {
		return err
	}
	return p.process.WaitReady(ctx, &http.Client{Timeout: 5 * time.Second}, p.URL+"/-/ready")
}

// Stop ends it, if it could be started; nothing listens on its port then.
func (p *Prometheus) Stop() {
	if p.process != nil {
		p.process.Stop(15 * time.Second)
	}
}

// Value is what a query answers now: its only sample, as text; "" without one.
func (p *Prometheus) Value(query string) (string, error) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get(p.URL + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var reply struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&reply); err != nil {
		return "", err
	}
	switch len(reply.Data.Result) {
	case 0:
		return "", nil
	case 1:
		return fmt.Sprint(reply.Data.Result[0].Value[1]), nil
	}
	return "", fmt.Errorf("%s has %d samples", query, len(reply.Data.Result))
}
