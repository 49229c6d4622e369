// Shows the pumps whose pressure is too low in each batch, with their vendors and their last maintenance. Readings come
// over TCP, as lines such as `P-101,3.2`; the two tables are CSV files.
//   swift run -c release sensor-alerts --demo
// starts simulated sensors on a local socket. `make duckdb` installs the library that runs SQL.

import ExampleSupport
import MartletSQL

let options = ExampleOptions(
  """
  sensor-alerts HOST PORT
    --demo                  read simulated sensors, in place of HOST PORT
    --pumps FILE            the vendors of the pumps; by default a table that comes with the program
    --maintenance FILE      the maintenance of the pumps; by default a table that comes with the program
  """, options: ["--pumps", "--maintenance"], flags: ["--demo"])
let host = options.has("--demo") ? "127.0.0.1" : options.argument(0, "HOST")
let port = options.has("--demo") ? try simulatedSensors().port : options.port(1)

let ssc = StreamingContext(master: options.master(), appName: "SensorAlerts", batchInterval: options.batchInterval)
try registerTables(
  in: ssc.sparkContext, pumps: options.value("--pumps"), maintenance: options.value("--maintenance"))

let readings = ssc.socketTextStream(host, port).parse { line in try Reading(line) }
readings.accepted.map { ($0.pump, $0.psi) }.foreachDataFrame("pump", "psi") { batch, time in
  print("Pumps below 5 psi in the batch of \(time.localDescription):")
  try batch.createOrReplaceTempView("readings")
  try SparkSession(ssc.sparkContext).sql(
    """
    SELECT r.pump, min(r.psi) AS lowest, p.vendor, p.phone, m.last_service, m.technician
    FROM readings r
    JOIN pumps p ON p.pump = r.pump
    LEFT JOIN maintenance m ON m.pump = r.pump
    WHERE r.psi < 5
    GROUP BY r.pump, p.vendor, p.phone, m.last_service, m.technician
    ORDER BY lowest
    """
  ).show(truncate: false)
}
readings.rejected.foreachRDD { rdd, _ in
  for line in try rdd.take(3) { print("Not a reading: \(line.record)") }
}

await ssc.runExample(options)
