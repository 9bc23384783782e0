import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.x.discovery.ServiceCache;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceProvider;
import org.apache.curator.x.discovery.details.ServiceCacheListener;

final class DiscoveryCases {
    private static final String SERVICE = "printing";

    static void addTo(Map<String, CuratorCases.Case> cases) {
        cases.put("ServiceDiscovery finds services and tells when they are gone", DiscoveryCases::discovery);
        cases.put("ServiceDiscovery registers again when a session has ended", DiscoveryCases::registeredAgain);
    }

    private static void discovery(Programs programs) throws Exception {
        ServiceDiscovery<Void> reader = discovery(programs, programs.start(), "/services", null);
        ServiceCache<Void> cache = programs.closeLater(reader.serviceCacheBuilder().name(SERVICE).build());
        BlockingQueue<Integer> counts = countsOf(cache);
        cache.start();

        ServiceInstance<Void> instance = instance(4711);
        ServiceDiscovery<Void> one = discovery(programs, programs.start(), "/services", instance);
        Expect.next(1, counts);
        CuratorFramework second = programs.start();
        discovery(programs, second, "/services", instance(4712));
        Expect.next(2, counts);
        Expect.equal(List.of(SERVICE), List.copyOf(reader.queryForNames()));
        Expect.equal(2, reader.queryForInstances(SERVICE).size());
        Expect.equal(4711, reader.queryForInstance(SERVICE, instance.getId()).getPort());
        ServiceProvider<Void> provider = programs.closeLater(reader.serviceProviderBuilder().serviceName(SERVICE).build());
        provider.start();
        Expect.that(provider.getInstance() != null, "an instance is given");

        one.unregisterService(instance);
        Expect.next(1, counts);
        second.close();
        Expect.next(0, counts);
    }

    private static void registeredAgain(Programs programs) throws Exception {
        CuratorFramework owner = programs.start();
        ServiceInstance<Void> instance = instance(4713);
        ServiceDiscovery<Void> reader = discovery(programs, programs.start(), "/services-again", null);
        ServiceCache<Void> cache = programs.closeLater(reader.serviceCacheBuilder().name(SERVICE).build());
        BlockingQueue<Integer> counts = countsOf(cache);
        cache.start();
        discovery(programs, owner, "/services-again", instance);
        Expect.next(1, counts);
        programs.endSession(owner);
        Expect.next(0, counts);
        Expect.next(1, counts);
    }

    private static ServiceDiscovery<Void> discovery(
        Programs programs, CuratorFramework program, String path, ServiceInstance<Void> own) throws Exception {
        ServiceDiscovery<Void> discovery = programs.closeLater(
            ServiceDiscoveryBuilder.builder(Void.class).client(program).basePath(path).thisInstance(own).build());
        discovery.start();
        return discovery;
    }

    private static ServiceInstance<Void> instance(int port) throws Exception {
        return ServiceInstance.<Void>builder().name(SERVICE).address("127.0.0.1").port(port).build();
    }

    private static BlockingQueue<Integer> countsOf(ServiceCache<Void> cache) {
        BlockingQueue<Integer> counts = new LinkedBlockingQueue<>();
        cache.addListener(new ServiceCacheListener() {
            @Override
            public void cacheChanged() {
                counts.add(cache.getInstances().size());
            }

            @Override
            public void stateChanged(CuratorFramework client, ConnectionState state) {}
        });
        return counts;
    }

    private DiscoveryCases() {}
}
