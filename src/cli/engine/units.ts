import { DEFAULT_SOCKET } from "../connection/endpoint.ts";

/** The first line of a unit that was written here, by which it may be replaced and removed. */
export const MARK = "# Written by: wharf system install";

/** The units by their names (systemd.service(5), systemd.socket(5)); `program` is the command line that runs wharfd. */
export const unitFiles = (program: string): Readonly<Record<string, string>> => ({
  "wharf.socket": `${MARK}
[Unit]
Description=Socket of the Wharf container engine

[Socket]
ListenStream=${DEFAULT_SOCKET}
SocketMode=0660
DirectoryMode=0711
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
`,
  "wharf.service": `${MARK}
[Unit]
Description=Wharf container engine
Requires=wharf.socket
After=wharf.socket network-online.target nss-lookup.target firewalld.service time-set.target
Wants=network-online.target
# Starts by hand count, too, and past the limit the socket is closed.
StartLimitIntervalSec=60
StartLimitBurst=10

[Service]
Type=notify
ExecStart=${program.replaceAll("%", "%%").replaceAll("$", "$$$$")}
ExecReload=/bin/kill -s HUP $MAINPID
Restart=always
RestartSec=2
TimeoutStartSec=infinity
# Containers and their monitors outlive the engine, and have their own limits and control groups. "live-restore": false in
# daemon.json has it stop them when it is stopped.
KillMode=process
Environment=WHARF_LIVE_RESTORE=1
Delegate=yes
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
Also=wharf.socket
`,
});
