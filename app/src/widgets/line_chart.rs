//! Lines over time or over names: what the charts of sources and of the period share.

use charming::Chart as Options;
use charming::component::{Axis, Grid, Legend};
use charming::datatype::DataPoint;
use charming::element::{AreaStyle, AxisType, ItemStyle, LineStyle, LineStyleType, Tooltip, Trigger};
use charming::series::Line;

/// One line.
pub struct Series {
    /// Its name.
    pub name: String,
    /// Its points from left to right; a gap where there is none.
    pub points: Vec<Option<f64>>,
    /// The token of its colour.
    pub color: &'static str,
    /// Is it of an earlier period? Then it is dashed and not filled.
    pub is_earlier: bool,
}

/// Smooth lines over `names`.
pub fn lines(names: Vec<String>, series: Vec<Series>) -> Options {
    let base = Options::new()
        .tooltip(Tooltip::new().trigger(Trigger::Axis))
        // The buttons above the chart are its legend; they need one that is not seen.
        .legend(Legend::new().show(false))
        .grid(Grid::new().top(10).right(8).bottom(4).left(0).contain_label(true))
        .x_axis(Axis::new().type_(AxisType::Category).boundary_gap(false).data(names))
        .y_axis(Axis::new().type_(AxisType::Value).split_number(3).min_interval(1));
    series.into_iter().fold(base, |chart, series| chart.series(line(series)))
}

fn line(series: Series) -> Line {
    let Series { name, points, color, is_earlier } = series;
    // ECharts' own mark of a gap.
    let data: Vec<DataPoint> =
        points.into_iter().map(|point| point.map_or_else(|| "-".into(), DataPoint::from)).collect();
    let style =
        LineStyle::new().color(color).type_(if is_earlier { LineStyleType::Dashed } else { LineStyleType::Solid });
    let line = Line::new()
        .name(name)
        .smooth(0.4)
        .symbol_size(6)
        .show_symbol(data.len() <= 40 && !is_earlier)
        .item_style(ItemStyle::new().color(color))
        .line_style(style)
        .data(data);
    if is_earlier { line } else { line.area_style(AreaStyle::new().color(color).opacity(0.16)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_smooth_filled_and_earlier_ones_dashed() {
        let series = |name: &str, is_earlier| Series {
            name: name.to_owned(),
            points: vec![Some(9.0), None, Some(2.5)],
            color: "--chart-1",
            is_earlier,
        };
        let names = vec!["facebook".to_owned(), "<b>".to_owned(), "direct".to_owned()];
        let json = serde_json::to_value(lines(names, vec![series("Сесії", false), series("Раніше", true)])).unwrap();
        assert_eq!(json["xAxis"]["data"], serde_json::json!(["facebook", "<b>", "direct"]));
        let [now, before] = [&json["series"][0], &json["series"][1]];
        assert_eq!(now["name"], "Сесії");
        assert_eq!(now["smooth"], 0.4);
        assert_eq!(now["data"], serde_json::json!([9.0, "-", 2.5]));
        assert_eq!(now["lineStyle"]["type"], "solid");
        assert_eq!(now["areaStyle"]["color"], "--chart-1");
        assert_eq!(before["lineStyle"]["type"], "dashed");
        assert_eq!(before.get("areaStyle"), None);
        // The binding makes tooltips, of text alone.
        assert_eq!(json["tooltip"].get("formatter"), None);
    }
}
