import ExampleSupport
import MartletSQL

/// The pressure that a pump reports, as in the line `P-101,3.2`.
struct Reading: Sendable {
  let pump: Text
  let psi: Double

  init(_ line: Text) throws {
    let fields = line.fields(separator: ",")
    guard fields.count == 2, let psi = Double(fields[1]) else { throw Mistake(description: "not a reading") }
    (self.pump, self.psi) = (fields[0], psi)
  }
}

struct Mistake: Error, CustomStringConvertible {
  let description: String
}

/// A server that sends a reading of each pump four times a second. Two pumps are near the limit; some lines are noise.
func simulatedSensors() throws -> LoopbackServer {
  try LoopbackServer { connection in
    var pressures = ["P-101": 62.0, "P-102": 48.5, "P-103": 4.6, "P-104": 71.2, "P-105": 5.3, "P-106": 33.0]
    while true {
      for (pump, pressure) in pressures.sorted(by: { $0.key < $1.key }) {
        let next = max(0.5, pressure + Double.random(in: -0.6...0.6))
        pressures[pump] = next
        guard connection.send("\(pump),\((next * 10).rounded() / 10)\n") else { return }
      }
      if Int.random(in: 0..<8) == 0, !connection.send("P-10?,##\n") { return }
      pause(milliseconds: 250)
    }
  }
}
