import "./base.css";
import "./controls.css";
import "./detail.css";
