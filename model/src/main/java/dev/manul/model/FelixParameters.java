package dev.manul.model;

import java.util.Set;

/**
 * The documented settings of a FelixConfiguration that Manul keeps but does not use. Settings in
 * use are the components of {@link FelixConfiguration.Spec}.
 */
public final class FelixParameters {

  /** Their names in documents. */
  public static final Set<String> KEPT =
      Set.of(
          """
          allowIPIPPacketsFromWorkloads allowVXLANPacketsFromWorkloads awsSrcDstCheck
          bpfAttachType bpfCTLBLogFilter bpfConnectTimeLoadBalancing
          bpfConnectTimeLoadBalancingEnabled bpfConntrackLogLevel bpfConntrackCleanupMode
          bpfConntrackTimeouts bpfDSROptoutCIDRs bpfDataIfacePattern
          bpfDisableGROForIfaces bpfDisableUnprivileged bpfEnabled bpfEnforceRPF
          bpfExcludeCIDRsFromNAT bpfExportBufferSizeMB bpfExtToServiceConnmark
          bpfExternalServiceMode bpfForceTrackPacketsFromIfaces bpfHostConntrackBypass
          bpfHostNetworkedNATWithoutCTLB bpfJITHardening bpfKubeProxyEndpointSlicesEnabled
          bpfKubeProxyHealthzPort bpfKubeProxyIptablesCleanupEnabled
          bpfKubeProxyMinSyncPeriod bpfL3IfacePattern bpfLogFilters bpfLogLevel
          bpfMapSizeConntrack bpfMapSizeConntrackCleanupQueue bpfMapSizeConntrackScaling
          bpfMapSizeIPSets bpfMapSizeIfState bpfMapSizeNATAffinity bpfMapSizeNATBackend
          bpfMapSizeNATFrontend bpfMapSizePerCpuConntrack bpfMapSizeRoute
          bpfPSNATPorts bpfPolicyDebugEnabled bpfProfiling bpfRedirectToPeer
          cgroupV2Path chainInsertMode dataplaneDriver dataplaneWatchdogTimeout
          debugDisableLogDropping debugHost debugMemoryProfilePath debugPort
          debugSimulateCalcGraphHangAfter debugSimulateDataplaneApplyDelay
          debugSimulateDataplaneHangAfter defaultEndpointToHostAction
          deviceRouteSourceAddressIPv6 disableConntrackInvalidCheck
          endpointReportingDelay endpointReportingEnabled endpointStatusPathPrefix
          externalNodesList failsafeInboundHostPorts failsafeOutboundHostPorts
          featureDetectOverride featureGates floatingIPs flowLogsCollectorDebugTrace
          flowLogsFlushInterval flowLogsGoldmaneServer flowLogsLocalReporter
          flowLogsPolicyEvaluationMode genericXDPEnabled goGCThreshold goMaxProcs
          goMemoryLimitMB healthTimeoutOverrides ipsetsRefreshInterval iptablesBackend
          iptablesFilterAllowAction iptablesFilterDenyAction iptablesLockFilePath
          iptablesLockProbeInterval iptablesLockTimeout iptablesMangleAllowAction
          iptablesMarkMask iptablesNATOutgoingInterfaceFilter
          iptablesPostWriteCheckInterval iptablesRefreshInterval
          ipv4ElevatedRoutePriority ipv6ElevatedRoutePriority ipv6Support
          istioAmbientMode istioDSCPMark kubeNodePortRanges
          liveMigrationRouteConvergenceTime localSubnetL2Reachability
          localSubnetL2ReachabilityRefreshInterval logActionRateLimit
          logActionRateLimitBurst logDebugFilenameRegex logFilePath logPrefix
          logSeverityFile logSeveritySys maxIpsetSize metadataAddr metadataPort
          natOutgoingAddress natOutgoingExclusions natPortRange netlinkTimeoutSecs
          nftablesDNSPolicyMode nftablesFilterAllowAction nftablesFilterDenyAction
          nftablesMangleAllowAction nftablesMarkMask nftablesMode nftablesRefreshInterval
          nftablesFlowTableOffload nfNetlinkBufSize openstackRegion policySyncPathPrefix
          prometheusGoMetricsEnabled prometheusMetricsCAFile prometheusMetricsCertFile
          prometheusMetricsClientAuth prometheusMetricsEnabled prometheusMetricsHost
          prometheusMetricsKeyFile prometheusMetricsPort prometheusProcessMetricsEnabled
          prometheusWireGuardMetricsEnabled reportingInterval reportingTTL requireMTUFile
          routeSource routeSyncDisabled routeTableRange routeTableRanges
          serviceLoopPrevention sidecarAccelerationEnabled usageReportingEnabled
          usageReportingInitialDelay usageReportingInterval useInternalDataplaneDriver
          udpMTU udpMTUV6 udpPort
          vxlanEnabled vxlanMTU vxlanMTUV6 vxlanPort vxlanVNI windowsManageFirewallRules
          windowsNetworkName wireguardEnabled wireguardEnabledV6
          wireguardHostEncryptionEnabled wireguardInterfaceName wireguardInterfaceNameV6
          wireguardKeepAlive wireguardListeningPort wireguardListeningPortV6 wireguardMTU
          wireguardMTUV6 wireguardRoutingRulePriority wireguardThreadingEnabled
          workloadSourceSpoofing xdpEnabled xdpRefreshInterval
          """
              .trim()
              .split("\\s+"));

  private FelixParameters() {}
}
