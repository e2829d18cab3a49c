// cluster-names answers for the names of a cluster's services, in CoreDNS's place where CoreDNS cannot
// be had: in kubeadm's own Deployment, on the same ports, with the same probes. It knows A records of
// services (their cluster IP, or the endpoints of headless ones), of the pods of headless services by
// host name, and of pods by address; it forwards nothing. It is built inside Kubernetes' source tree,
// of the libraries that are there.
package main

import (
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/miekg/dns"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

const (
	zone   = "cluster.local."
	ttl    = 5 // seconds, CoreDNS's own for a cluster's names
	resync = 10 * time.Minute
)

type records struct {
	services  listers.ServiceLister
	endpoints listers.EndpointsLister
}

// lookup returns a name's addresses, and whether there is such a name at all.
func (r records) lookup(name string) ([]string, bool) {
	name = strings.ToLower(name)
	if !strings.HasSuffix(name, "."+zone) {
		return nil, name == zone
	}
	labels := strings.Split(strings.TrimSuffix(name, "."+zone), ".")
	switch n := len(labels); {
	case labels[n-1] == "svc" && n == 3:
		return r.service(labels[1], labels[0], "")
	case labels[n-1] == "svc" && n == 4:
		return r.service(labels[2], labels[1], labels[0])
	case labels[n-1] == "pod" && n == 3:
		address := strings.ReplaceAll(labels[0], "-", ".")
		if ip := net.ParseIP(address); ip != nil {
			return []string{ip.String()}, true
		}
	}
	return nil, false
}

// service returns the addresses of a service, or of the one pod in it with this host name.
func (r records) service(namespace, name, host string) ([]string, bool) {
	service, err := r.services.Services(namespace).Get(name)
	if err != nil {
		return nil, false
	}
	if service.Spec.ClusterIP != corev1.ClusterIPNone {
		return []string{service.Spec.ClusterIP}, host == ""
	}
	endpoints, err := r.endpoints.Endpoints(namespace).Get(name)
	if err != nil {
		return nil, host == ""
	}
	var found []string
	for _, subset := range endpoints.Subsets {
		for _, address := range subset.Addresses {
			if host == "" || address.Hostname == host {
				found = append(found, address.IP)
			}
		}
	}
	return found, host == "" || len(found) > 0
}

func (r records) ServeDNS(out dns.ResponseWriter, query *dns.Msg) {
	reply := new(dns.Msg)
	reply.SetReply(query)
	reply.Authoritative = true
	if len(query.Question) != 1 {
		reply.Rcode = dns.RcodeFormatError
	} else {
		question := query.Question[0]
		addresses, known := r.lookup(question.Name)
		if !known {
			reply.Rcode = dns.RcodeNameError
		}
		for _, address := range addresses {
			ip := net.ParseIP(address).To4()
			if question.Qtype != dns.TypeA || ip == nil {
				continue
			}
			header := dns.RR_Header{Name: question.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: ttl}
			reply.Answer = append(reply.Answer, &dns.A{Hdr: header, A: ip})
		}
	}
	if err := out.WriteMsg(reply); err != nil {
		log.Printf("answer to %s: %v", out.RemoteAddr(), err)
	}
}

// ok serves probes at an address: 8080 is CoreDNS's liveness, 8181 its readiness, 9153 its metrics.
func ok(address string) {
	log.Fatal(http.ListenAndServe(address, http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		_, _ = out.Write([]byte("OK\n"))
	})))
}

func main() {
	go ok(":8080")
	go ok(":9153")
	config, err := rest.InClusterConfig()
	if err != nil {
		log.Fatal(err)
	}
	factory := informers.NewSharedInformerFactory(kubernetes.NewForConfigOrDie(config), resync)
	core := factory.Core().V1()
	synced := []cache.InformerSynced{core.Services().Informer().HasSynced, core.Endpoints().Informer().HasSynced}
	factory.Start(nil)
	if !cache.WaitForCacheSync(nil, synced...) {
		log.Fatal("services and endpoints could not be read")
	}
	go ok(":8181")
	answers := records{core.Services().Lister(), core.Endpoints().Lister()}
	for _, network := range []string{"udp", "tcp"} {
		server := &dns.Server{Addr: ":53", Net: network, Handler: answers}
		go func() { log.Fatal(server.ListenAndServe()) }()
	}
	select {}
}
