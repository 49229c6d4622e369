func javaText(_ v: Double, isFloat: Bool = false) -> String { "\(v)" }
func dateText(_ v: Int32) -> String { "\(v)" }
func timestampText(_ v: Int64) -> String { "\(v)" }
func intervalName(_ m: Int32, _ d: Int32, _ us: Int64) -> String { "INTERVAL" }
extension StructType { init(ddl: String) throws { throw AnalysisError(faults: []) } }
extension DataType { init(ddl: String) throws { throw AnalysisError(faults: []) } }
