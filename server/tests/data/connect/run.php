<?php
// Runs the WooCommerce example of docs/connect.md with stand-ins of what WordPress and WooCommerce bring.
define('ABSPATH', __DIR__);
define('UTM_DISPATCHER_URL', getenv('DISPATCHER_URL'));
define('UTM_DISPATCHER_TOKEN', getenv('DISPATCHER_TOKEN'));
$_COOKIE['ud_vid'] = getenv('VISITOR');

$hooks = [];
function add_action($hook, $function) { $GLOBALS['hooks'][$hook][] = $function; }
function do_action($hook, ...$given) { foreach ($GLOBALS['hooks'][$hook] ?? [] as $function) { $function(...$given); } }
function wc_get_order($id) { return $GLOBALS['orders'][$id] ?? false; }
function wp_json_encode($value) { return json_encode($value); }
function is_wp_error($answer) { return $answer === false; }
function wp_remote_retrieve_response_code($answer) { return $answer['code']; }
function wp_schedule_single_event(...$event) { exit("nothing was to be tried again\n"); }
function wp_remote_request($url, $options) {
    $headers = array_map(fn($name, $value) => "$name: $value", array_keys($options['headers']), $options['headers']);
    $body = file_get_contents($url, false, stream_context_create(['http' => [
        'method' => $options['method'], 'header' => $headers, 'content' => $options['body'], 'ignore_errors' => true,
    ]]));
    if ($body === false) {
        return false;
    }
    preg_match('/ (\d{3})/', $http_response_header[0], $status);
    echo $status[1], ' ', $body, "\n";
    return ['code' => (int) $status[1]];
}

class Order {
    public array $meta = [];
    public string $status = 'pending';
    public float $refunded = 0;
    public ?DateTime $paid = null;
    public function __construct(private DateTime $created) {}
    public function get_order_number() { return 'W-1'; }
    public function get_date_created() { return $this->created; }
    public function get_date_paid() { return $this->paid; }
    public function get_total() { return '1499.5'; }
    public function get_discount_total() { return '100'; }
    public function get_total_refunded() { return $this->refunded; }
    public function get_currency() { return 'UAH'; }
    public function get_payment_method() { return 'cod'; }
    public function get_status() { return $this->status; }
    public function get_billing_email() { return 'o@example.com'; }
    public function get_billing_phone() { return ''; }
    public function get_meta($key) { return $this->meta[$key] ?? ''; }
    public function update_meta_data($key, $value) { $this->meta[$key] = $value; }
}

require 'utm-dispatcher.php';
$order = new Order(new DateTime("+1 second")); // its times are whole seconds, and the visit began in this one
$orders = [1 => $order];
do_action('woocommerce_checkout_create_order', $order);
unset($_COOKIE['ud_vid']); // what follows comes without the buyer
do_action('woocommerce_new_order', 1);
$order->status = 'completed';
$order->paid = new DateTime();
do_action('woocommerce_order_status_changed', 1);
$order->refunded = 499.5;
do_action('woocommerce_order_refunded', 1);
do_action('woocommerce_new_order', 2); // an order that is gone
